"""`python -m classifier` is the command `classifier`."""

import sys

try:
    from classifier.cli import main

    status = main()
except KeyboardInterrupt:  # while the command itself was being read: there was nothing to end in order
    status = 130  # what a shell reports of a command ended by Ctrl-C: 128 + SIGINT
sys.exit(status)
