import sys

try:
    from clasio_backend.cli.app import main

    main()
except KeyboardInterrupt:  # before a command has begun to look after it
    sys.exit(130)
