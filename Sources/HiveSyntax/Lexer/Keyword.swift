/// The words with a meaning in the grammar, written in any case in a statement.
package enum Keyword: UInt16, Sendable, CaseIterable {
    // Reserved: no names unless in back quotes.
    case all, alter, and, array, `as`, authorization, between, bigint, binary, boolean, both, by, `case`, cast
    case char, column, commit, conf, constraint, create, cross, cube, current, currentDate, currentTimestamp
    case cursor, database, date, decimal, delete, describe, distinct, div, double, drop, `else`, end
    case except, exchange, exists, extended, external, extract, `false`, fetch, float, floor, following, `for`
    case foreign, from, full, function, grant, group, grouping, having, `if`, `import`, `in`, inner, insert, int
    case integer, intersect, interval, into, `is`, join, lateral, left, less, like, local, macro, map, merge
    case more, none, not, null, of, on, only, or, order, out, outer, over, partition, percent
    case preceding, precision, preserve, primary, procedure, range, reads, reduce, references
    case regexp, revoke, right, rlike, rollback, rollup, row, rows, select, set, smallint, start, table
    case tablesample, then, timestamp, to, transform, trigger, `true`, truncate, unbounded
    case union, uniquejoin, update, user, using, values, varchar, when, `where`, window, with
    // Not reserved: names wherever a name may stand.
    case abort, activate, active, add, admin, after, allocFraction, analyze, `any`, application, archive, asc
    case ast, at, autocommit, batch, before, bucket, buckets, cache, cascade, cbo, change, check, cluster
    case clustered, clusterstatus, collection, columns, comment, compact, compactionid, compactions, compute
    case concatenate, connector, connectors, `continue`, cost, cron, data, databases, datetime, day, dayofweek
    case days, dbproperties, dcproperties, ddl, debug, dec, `default`, deferred, defined, delimited, dependency, desc
    case detail, directories, directory, disable, disabled, distribute, distributed, `do`, dump, enable, enabled
    case enforced, escaped, every, exclusive, execute, executed, explain, export, expression, fields, file
    case fileformat, first, force, format, formatted, functions, holdDdltime, hour, hours, idxproperties, ignore
    case index, indexes, inpath, inputdriver, inputformat, isolation, items, jar, joincost, key, keys, kill
    case last, leading, level, limit, lines, load, location, lock, locks, logical, long, managed
    case managedlocation, management, mapjoin, mapping, matched, materialized, metadata, minus, minute, minutes
    case month, months, move, msck, norely, noscan, novalidate, noDrop, nulls, numeric, offline, offset, `operator`
    case option, outputdriver, outputformat, overwrite, owner, partitioned, partitions, path, plan, plans, plus
    case pool, prepare, principals, protection, purge, qualify, quarter, query, queryParallelism, read, readonly, real, rebuild
    case recordreader, recordwriter, reload, rely, remote, rename, reoptimization, repair, repl, replace
    case replication, resource, respect, restrict, rewrite, role, roles, scheduled, schedulingPolicy, schema
    case schemas, second, seconds, semi, serde, serdeproperties, server, sets, shared, show, showDatabase
    case skewed, snapshot, some, sort, sorted, spec, ssl, statistics, status, stored, streamtable, string
    case `struct`, summary, sync, systemTime, systemVersion, tables, tblproperties, temporary, terminated, time
    case timestamplocaltz, timestamptz, tinyint, touch, trailing, transaction, transactional, transactions, type, unarchive, undo
    case uniontype, unique, unknown, unlock, unmanaged, unset, unsigned, uri, url, use, utc, utcTmestamp
    case validate, vectorization, view, views, wait, week, weeks, `while`, within, work, workload, write, year
    case years, zone
    // Names to Hive too; looked at only where a clause may begin with them.
    case anti, archives, asof, asymmetric, convert, dfs, files, filter, groups, jars, list, matchCondition, model
    case models, natural, options, partialscan, pivot, recover, recursive, reset, summarize, symmetric, tryCast, unpivot

    /// Whether the word can only be a name in back quotes.
    package var isReserved: Bool { rawValue < Keyword.abort.rawValue }

    /// Whether Hive lists the word among its keywords.
    package var isListed: Bool { rawValue < Keyword.anti.rawValue }

    /// In upper case.
    package var spelling: String { Keyword.spellings[Int(rawValue)] }

    /// In the order of the cases.
    private static let spellings: [String] = """
        ALL ALTER AND ARRAY AS AUTHORIZATION BETWEEN BIGINT BINARY BOOLEAN BOTH BY CASE CAST CHAR COLUMN COMMIT
        CONF CONSTRAINT CREATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURSOR DATABASE DATE
        DECIMAL DELETE DESCRIBE DISTINCT DIV DOUBLE DROP ELSE END EXCEPT EXCHANGE EXISTS EXTENDED EXTERNAL
        EXTRACT FALSE FETCH FLOAT FLOOR FOLLOWING FOR FOREIGN FROM FULL FUNCTION GRANT GROUP GROUPING HAVING IF
        IMPORT IN INNER INSERT INT INTEGER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LESS LIKE LOCAL MACRO
        MAP MERGE MORE NONE NOT NULL OF ON ONLY OR ORDER OUT OUTER OVER PARTITION PERCENT PRECEDING
        PRECISION PRESERVE PRIMARY PROCEDURE RANGE READS REDUCE REFERENCES REGEXP REVOKE RIGHT
        RLIKE ROLLBACK ROLLUP ROW ROWS SELECT SET SMALLINT START TABLE TABLESAMPLE THEN TIMESTAMP
        TO TRANSFORM TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUEJOIN UPDATE USER USING VALUES
        VARCHAR WHEN WHERE WINDOW WITH
        ABORT ACTIVATE ACTIVE ADD ADMIN AFTER ALLOC_FRACTION ANALYZE ANY APPLICATION ARCHIVE ASC AST AT
        AUTOCOMMIT BATCH BEFORE BUCKET BUCKETS CACHE CASCADE CBO CHANGE CHECK CLUSTER CLUSTERED CLUSTERSTATUS
        COLLECTION COLUMNS COMMENT COMPACT COMPACTIONID COMPACTIONS COMPUTE CONCATENATE CONNECTOR CONNECTORS
        CONTINUE COST CRON DATA DATABASES DATETIME DAY DAYOFWEEK DAYS DBPROPERTIES DCPROPERTIES DDL DEBUG DEC
        DEFAULT DEFERRED DEFINED DELIMITED DEPENDENCY DESC DETAIL DIRECTORIES DIRECTORY DISABLE DISABLED
        DISTRIBUTE DISTRIBUTED DO DUMP ENABLE ENABLED ENFORCED ESCAPED EVERY EXCLUSIVE EXECUTE EXECUTED EXPLAIN
        EXPORT EXPRESSION FIELDS FILE FILEFORMAT FIRST FORCE FORMAT FORMATTED FUNCTIONS HOLD_DDLTIME HOUR HOURS
        IDXPROPERTIES IGNORE INDEX INDEXES INPATH INPUTDRIVER INPUTFORMAT ISOLATION ITEMS JAR JOINCOST KEY KEYS
        KILL LAST LEADING LEVEL LIMIT LINES LOAD LOCATION LOCK LOCKS LOGICAL LONG MANAGED MANAGEDLOCATION
        MANAGEMENT MAPJOIN MAPPING MATCHED MATERIALIZED METADATA MINUS MINUTE MINUTES MONTH MONTHS MOVE MSCK
        NORELY NOSCAN NOVALIDATE NO_DROP NULLS NUMERIC OFFLINE OFFSET OPERATOR OPTION OUTPUTDRIVER OUTPUTFORMAT
        OVERWRITE OWNER PARTITIONED PARTITIONS PATH PLAN PLANS PLUS POOL PREPARE PRINCIPALS PROTECTION PURGE QUALIFY
        QUARTER QUERY QUERY_PARALLELISM READ READONLY REAL REBUILD RECORDREADER RECORDWRITER RELOAD RELY REMOTE
        RENAME REOPTIMIZATION REPAIR REPL REPLACE REPLICATION RESOURCE RESPECT RESTRICT REWRITE ROLE ROLES
        SCHEDULED SCHEDULING_POLICY SCHEMA SCHEMAS SECOND SECONDS SEMI SERDE SERDEPROPERTIES SERVER SETS SHARED
        SHOW SHOW_DATABASE SKEWED SNAPSHOT SOME SORT SORTED SPEC SSL STATISTICS STATUS STORED STREAMTABLE STRING
        STRUCT SUMMARY SYNC SYSTEM_TIME SYSTEM_VERSION TABLES TBLPROPERTIES TEMPORARY TERMINATED TIME
        TIMESTAMPLOCALTZ TIMESTAMPTZ TINYINT TOUCH TRAILING TRANSACTION TRANSACTIONAL TRANSACTIONS TYPE UNARCHIVE UNDO UNIONTYPE
        UNIQUE UNKNOWN UNLOCK UNMANAGED UNSET UNSIGNED URI URL USE UTC UTC_TMESTAMP VALIDATE VECTORIZATION VIEW
        VIEWS WAIT WEEK WEEKS WHILE WITHIN WORK WORKLOAD WRITE YEAR YEARS ZONE
        ANTI ARCHIVES ASOF ASYMMETRIC CONVERT DFS FILES FILTER GROUPS JARS LIST MATCH_CONDITION MODEL MODELS
        NATURAL OPTIONS PARTIALSCAN PIVOT RECOVER RECURSIVE RESET SUMMARIZE SYMMETRIC TRY_CAST UNPIVOT
        """.utf8.split { $0 <= 0x20 }.map { String(Substring($0)) }
}
