from clasio_backend.cli.app import main

main()
