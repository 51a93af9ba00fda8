"""Floor 0: errors, trees, records, dispatch and handles; knows no primitive and no mode."""
