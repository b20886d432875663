"""What is done to the package to see whether it keeps its promises; `python -m tests.trust` prints what was lost."""
