"""A module that takes its time to be imported, as those of trainers do."""

import time

time.sleep(1.5)
READY = True
