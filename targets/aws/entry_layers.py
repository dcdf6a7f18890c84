"""What Lambda calls for every function; FNC_FUNCTION says for which one."""

import os

from _fnc.layers import lay
from _fnc.shim import config_of, serve

config = config_of(os.environ["FNC_FUNCTION"])
lay(config["handler"])
handler = serve(config)
