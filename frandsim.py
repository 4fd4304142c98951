"""The package under the name it is installed by: ``import frandsim`` is ``import simulator``."""

import sys

import simulator

sys.modules[__name__] = simulator
