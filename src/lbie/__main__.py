"""`python -m lbie`, which `torchrun -m lbie` starts once a process."""

from lbie.cli import main

if __name__ == "__main__":
    main()
