WHICH = "newer"
