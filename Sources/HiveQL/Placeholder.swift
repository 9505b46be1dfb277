// HiveQL
