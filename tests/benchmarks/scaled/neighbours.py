def compared(*a): raise SystemExit("todo")
