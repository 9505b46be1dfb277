/// Functions that Hive has and that are refused by name, with the reason.
enum RefusedFunctions {
    static func reason(_ name: String) -> String? { reasons[name] }

    private static let internals = "is made by Hive's planner for its own use"

    private static let bitmaps = "is of Hive's bitmap indexes, which newer Hive does not have"

    private static let reasons = [
        "$sum0": internals, "bloom_filter": internals, "in_bloom_filter": internals, "cardinality_violation": internals,
        "sq_count_check": internals, "internal_interval": internals, "windowingtablefunction": internals,
        "get_splits": "gives parts of a query to programs that read Hive's LLAP daemons; there are none here",
        "surrogate_key": "numbers rows by the write identifiers of ACID tables; row_number() OVER () numbers the rows of a query",
        "get_llap_splits": "gives parts of a query to programs that read Hive's LLAP daemons; there are none here",
        "get_sql_schema": "tells Hive's drivers the columns of a query; DESCRIBE of a view does so here",
        "enforce_constraint": internals, "bucket_number": internals, "cast_format": "is what CAST (… FORMAT …) is made of in Hive",
        "current_authorizer": "names a class of Hive's that grants are asked of; there is none here",
        "current_groups": "is asked by Hive's authorization; there is none here",
        "restrict_information_schema": "is asked by Hive's authorization; there is none here",
        "deserialize": "unpacks messages of Hive's own metastore",
        "compute_stats": "is what ANALYZE … FOR COLUMNS is made of in Hive; SUMMARIZE tells more",
        "ewah_bitmap": bitmaps, "ewah_bitmap_and": bitmaps, "ewah_bitmap_or": bitmaps, "ewah_bitmap_empty": bitmaps,
    ]
}
