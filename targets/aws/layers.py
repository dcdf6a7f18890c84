"""Lays layers under a function's own code: Lambda unpacks them in /opt, where Python looks in /opt/python only."""

import os
import sys


def lay(handler, root="/opt"):
    """Lets `import` look in the layers for what the function's own folders don't hold."""
    folder = os.path.dirname(handler.rpartition(":")[0])
    for place in (os.path.join(root, folder) if folder else root, root):
        if place not in sys.path:
            sys.path.append(place)
