"""Floor 0: errors, trees, records, dispatch, handles; knows no primitive, no mode."""
