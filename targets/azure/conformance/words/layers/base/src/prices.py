WHICH = "base"
KEPT = "base"
