"""The demonstration: exact derivatives at work, one idea a section.

Each section is a package with a ``section.py`` that gives its lines; ``sections.py``
lists them, ``report.py`` runs them, ``page.py`` puts text and pictures on one page.
"""
