"""What Lambda calls for every function; FNC_FUNCTION says for which one."""

import os

from _fnc.shim import config_of, serve

handler = serve(config_of(os.environ["FNC_FUNCTION"]))
