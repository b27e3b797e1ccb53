print("This program is not to be built: see Scripts/closed-doors.")
