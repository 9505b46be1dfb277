print("hiveql")
