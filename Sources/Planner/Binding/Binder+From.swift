import Catalog
import Columnar
import Expressions
import HiveSyntax
import Platform

/// What a FROM clause gives: a plan and the names of its columns.
struct Source {
    var plan: LogicalPlan
    var scope: [ScopeTable]
    /// Whether the statement puts the rows in an order, or together by their keys, for who reads them: SORT BY,
    /// DISTRIBUTE BY …
    var isArranged = false
}

extension Binder {
    func bindFrom(_ reference: TableReference, environment: QueryEnvironment) throws -> Source {
        switch reference.kind {
        case .table(let table): return try bindTable(table, environment: environment)
        case .subquery(let query, let alias, let columns):
            expansion?.alias(alias)
            let relation = try bind(query, environment: environment)
            return Source(
                plan: relation.plan, scope: [try scopeTable(alias?.name, relation.columns, renamed: columns)],
                isArranged: query.arrangesRows)
        case .values(let rows, let alias, let columns):
            expansion?.alias(alias)
            let relation = try bindValues(rows, environment: environment)
            return Source(
                plan: relation.plan, scope: [try scopeTable(alias?.name, relation.columns, renamed: columns)])
        case .parenthesized(let inner): return try bindFrom(inner, environment: environment)
        case .join(let join): return try bindJoin(join, environment: environment)
        case .lateralView(let view): return try bindLateralView(view, environment: environment)
        case .branchSource:
            guard let source = environment.branchSource else {
                throw PlanError("A lateral view needs a FROM", at: reference.range)
            }
            return source
        case .pivot(let pivot): return try bindPivot(pivot, environment: environment)
        case .unpivot(let unpivot): return try bindUnpivot(unpivot, environment: environment)
        case .tableFunction(let call, let alias, let columns):
            expansion?.alias(alias)
            return try bindTableFunction(
                call, over: Source(plan: singleRow, scope: []), alias: alias?.name ?? "", columns: columns,
                isOuter: false, range: reference.range, environment: environment)
        case .modelFunction(let function): return try bindModelFunction(function, environment: environment)
        case .featuresAtTime(let function): return try bindFeaturesAtTime(function, environment: environment)
        case .uniqueJoin(let tables): return try bindUniqueJoin(tables, at: reference.range, environment: environment)
        case .partitionedTableFunction(let function):
            return try bindPartitionedFunction(function, environment: environment)
        }
    }

    /// One row without columns: the input of a SELECT without FROM.
    var singleRow: LogicalPlan { .values(LogicalValues(outputs: [], rows: [[]])) }

    func scopeTable(_ alias: String?, _ columns: [OutputColumn], renamed: [Identifier]) throws -> ScopeTable {
        guard renamed.isEmpty || renamed.count == columns.count else {
            throw PlanError(
                "The list of \(renamed.count) column names does not fit \(columns.count) columns",
                at: renamed.first?.range)
        }
        let names = renamed.isEmpty ? columns.map(\.name) : renamed.map(\.name)
        return ScopeTable(
            alias: alias, database: nil,
            columns: zip(names, columns).map { ScopeColumn(name: $0, expression: .column($1)) })
    }

    // MARK: tables, views, common table expressions

    func bindTable(_ source: TableSource, environment: QueryEnvironment) throws -> Source {
        let name = source.name.name.name
        let alias = source.alias?.name ?? name
        expansion?.alias(source.alias)
        if source.asOf != nil {
            throw PlanError.unsupported("FOR SYSTEM_TIME and FOR SYSTEM_VERSION", at: source.name.range)
        }
        if source.name.database == nil, let (common, inSight, isOwn) = environment.commonTable(name) {
            let relation = isOwn
                ? try stepRows(of: common, at: source.name.range) : try bindCommonTable(common, environment: inSight)
            let table = try scopeTable(alias, relation.columns, renamed: common.expression.columns)
            let rows = Source(plan: relation.plan, scope: [table], isArranged: common.expression.query.arrangesRows)
            return try sampled(rows, source.sample, environment: environment)
        }
        let database = source.name.database?.name ?? currentDatabase
        guard let table = try metadata.table(database: database, name: name) else {
            if let files = try files(source.name) {
                var written = source.name
                written.name.text = files.table.name
                expansion?.table(written, database: database)
                // Their path is no name to call columns by.
                return try bindScan(
                    of: files.table, files.partitions, source, alias: source.alias?.name, database: nil,
                    environment: environment)
            }
            throw try tableNotFound(source.name, database: database)
        }
        noteRead(table)
        expansion?.table(source.name, database: database)
        if table.isView {
            let relation = try bindView(table, at: source.name.range)
            let scope = try scopeTable(alias, relation.columns, renamed: [])
            return try sampled(Source(plan: relation.plan, scope: [scope]), source.sample, environment: environment)
        }
        return try bindScan(
            of: table, metadata.partitions(of: table), source, alias: alias, database: source.alias == nil ? database : nil,
            environment: environment)
    }

    /// The files that a name means which no database has: ``parquet.`path` ``.
    private func files(_ name: TableName) throws -> (table: Table, partitions: [Partition])? {
        guard let format = name.database?.name, try !metadata.databaseExists(format) else { return nil }
        do { return try metadata.files(format: format, path: name.name.text) } catch var error as PlanError {
            error.range = error.range ?? name.range
            throw error
        }
    }

    private func bindScan(
        of table: Table, _ partitions: [Partition], _ source: TableSource, alias: String?, database: String?,
        environment: QueryEnvironment
    ) throws -> Source {
        let columns = table.allColumns.enumerated().map { ordinal, column in
            LogicalScan.ScanColumn(output: makeColumn(column.name, column.type), ordinal: ordinal)
        }
        let virtual = LogicalScan.VirtualColumn.named.filter { column in
            !columns.contains { $0.output.name == column.name }
        }.map { LogicalScan.ScanColumn(output: makeColumn($0.name, $0.type), ordinal: $0.rawValue) }
        var scan = LogicalScan(table: table, columns: columns + virtual, partitions: partitions)
        switch source.sample {
        case .percent(let text):
            guard let percent = Double(text), (0...100).contains(percent) else {
                throw PlanError("Sampling percentage should be between 0 and 100", at: source.name.range)
            }
            scan.sample = .percent(percent)
        case .rows(let count): scan.sample = .rows(count)
        case .bytes(let count): scan.sample = .bytes(count)
        case .bucket, nil: break
        }
        let scope = ScopeTable(
            alias: alias, database: database,
            columns: scan.columns.map {
                ScopeColumn(name: $0.output.name, expression: .column($0.output), isVirtual: $0.ordinal < 0)
            })
        if case .rows(let count) = source.sample {
            return Source(plan: .limit(LogicalLimit(input: .scan(scan), count: count)), scope: [scope])
        }
        guard case .bucket(let bucket, let count, let on)? = source.sample else {
            return Source(plan: .scan(scan), scope: [scope])
        }
        let isByBuckets = on.isEmpty || on.map(Self.columnName) == table.storage.bucketColumns
        if on.isEmpty, table.storage.bucketColumns.isEmpty {
            throw PlanError(
                "Sampling expression needed for non-bucketed table \(alias ?? table.name)", code: 10060, at: source.name.range)
        }
        guard bucket <= count else {
            throw PlanError(
                "Numerator should not be bigger than denominator in sample clause for table \(alias ?? table.name)", code: 10061,
                at: source.name.range)
        }
        if isByBuckets, bucket > 0 { scan.bucketSample = LogicalScan.BucketSample(bucket: bucket - 1, count: count) }
        let keys =
            on.isEmpty
            ? table.storage.bucketColumns.map { Expression(.column(Identifier($0)), range: source.name.range) } : on
        return try sampled(
            Source(plan: .scan(scan), scope: [scope]), .bucket(bucket, outOf: count, on: keys), hash: table.bucketHash,
            environment: environment)
    }

    /// The name of a column that stands for itself.
    private static func columnName(_ expression: Expression) -> String? {
        guard case .column(let name) = expression.kind else { return nil }
        return name.name
    }

    /// A reader of a common table expression, which is bound where it is first named.
    private func bindCommonTable(_ common: CommonTable, environment: QueryEnvironment) throws -> Relation {
        if let (subplan, columns) = common.shared {
            return reader(of: subplan, columns.map { ($0, makeColumn($0.name, $0.type)) })
        }
        let name = common.expression.name
        guard !common.isBeingBound else {
            throw recursion(from: commonTablesBeingBound.firstIndex { $0 === common } ?? 0)
        }
        common.isBeingBound = true
        commonTablesBeingBound.append(common)
        defer {
            common.isBeingBound = false
            commonTablesBeingBound.removeLast()
        }
        let relation = exact(
            common.expression.isRecursive
                ? try bindRecursive(common, environment: environment)
                : try bind(common.expression.query, environment: environment))
        // What depends on an outer row is bound, and computed, where it is read.
        guard relation.plan.freeColumns.isEmpty else { return relation }
        let subplan = share(relation.plan, name: name.name)
        common.shared = (subplan, relation.columns)
        return reader(of: subplan, relation.columns.map { ($0, $0) })
    }

    /// The error of a common table expression that names itself, at a place of those being bound.
    private func recursion(from place: Int) -> PlanError {
        let cycle = commonTablesBeingBound[place...].map(\.expression.name)
        let names = (cycle + cycle.prefix(1)).map(\.name).joined(separator: " -> ")
        return PlanError("Recursive cte \(cycle.first?.name ?? "") detected (cycle: \(names)).", at: cycle.first?.range)
    }

    /// Keeps a plan for several readers. The first of them may take the plan's own columns.
    func share(_ plan: LogicalPlan, name: String) -> Int {
        sharedSubplans.append(SharedSubplan(id: sharedSubplans.count + 1, name: name, plan: plan))
        return sharedSubplans.count
    }

    /// - Parameter columns: the subplan's columns, and what the reader calls them.
    func reader(of subplan: Int, _ columns: [(source: OutputColumn, output: OutputColumn)]) -> Relation {
        Relation(
            plan: .sharedScan(
                LogicalSharedScan(
                    subplan: subplan, name: sharedSubplans[subplan - 1].name,
                    columns: columns.map { .init(output: $0.output, source: $0.source.id) })),
            columns: columns.map(\.output))
    }

    private func tableNotFound(_ name: TableName, database: String) throws -> PlanError {
        let written = (name.database.map { $0.name + "." } ?? "") + name.name.name
        if name.database == nil, let place = commonTablesBeingBound.lastIndex(where: { $0.expression.name.name == written }) {
            var error = recursion(from: place)
            error.hint = "WITH RECURSIVE lets it name itself"
            return error
        }
        guard try metadata.databaseExists(database) else {
            return PlanError(
                "Table not found '\(written)'", code: 10001, at: name.range,
                hint: NearestName.hint(for: database, among: try metadata.databaseNames()))
        }
        return PlanError(
            "Table not found '\(written)'", code: 10001, at: name.range,
            hint: NearestName.hint(for: name.name.name, among: try metadata.tableNames(database: database)))
    }

    /// Views in one another that a statement's stack has room for.
    private static let deepestView = 500

    private func bindView(_ view: Table, at range: SourceRange) throws -> Relation {
        guard !expandingViews.contains(view.qualifiedName) else {
            throw PlanError("Recursive view \(view.qualifiedName) detected", at: range)
        }
        guard expandingViews.count < Self.deepestView else {
            throw PlanError("Views are nested more than \(Self.deepestView) deep", at: range)
        }
        expandingViews.append(view.qualifiedName)
        let saved = (databaseOverride, readsExpandedText)
        databaseOverride = view.database
        readsExpandedText = view.viewExpandedText != nil
        defer {
            expandingViews.removeLast()
            (databaseOverride, readsExpandedText) = saved
        }
        let query = try viewQuery(view, at: range)
        let relation = try located(at: range) { try bind(query, environment: QueryEnvironment()) }
        let declared = view.allColumns
        guard relation.columns.count == declared.count else {
            throw PlanError(
                "View \(view.qualifiedName) has \(declared.count) columns, but its query gives "
                    + "\(relation.columns.count)", at: range)
        }
        let expressions = zip(relation.columns, declared).map { column, declared in
            NamedExpression(
                output: makeColumn(declared.name, declared.type), expression: cast(.column(column), to: declared.type))
        }
        return Relation(
            plan: .project(LogicalProject(input: relation.plan, expressions: expressions)),
            columns: expressions.map(\.output))
    }

    private func viewQuery(_ view: Table, at range: SourceRange) throws -> Query {
        let text = view.viewExpandedText ?? view.viewText ?? ""
        let parsed = Result { () throws(SyntaxError) -> Statement in try Parser.parseStatement(text) }
        switch parsed {
        case .failure(let error):
            throw PlanError("The text of view \(view.qualifiedName) does not parse: \(error.message)", at: range)
        case .success(let statement):
            guard case .query(let query) = statement.kind else {
                throw PlanError("The text of view \(view.qualifiedName) is no query", at: range)
            }
            return query
        }
    }

    /// Gives errors the position of a view's name: positions in the view's own text mean nothing to the reader.
    func located<T>(at range: SourceRange, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            guard var failure = error as? PlanError else { throw error }
            failure.range = range
            throw failure
        }
    }

    /// `TABLESAMPLE (BUCKET x OUT OF y ON …)`: rows whose hash falls into the bucket.
    private func sampled(
        _ source: Source, _ sample: TableSample?, hash: HiveHash = .objects, environment: QueryEnvironment
    ) throws -> Source {
        guard let sample else { return source }
        guard case .bucket(let bucket, let count, let on) = sample else {
            throw PlanError("TABLESAMPLE by size is for tables only")
        }
        guard count > 0, (0...count).contains(bucket) else {
            throw PlanError("Bucket number \(bucket) is out of range [1, \(count)]")
        }
        let binder = ExpressionBinder(
            self, scope: Scope(tables: source.scope, parent: nil), environment: environment)
        binder.allowsSubqueries = false
        let keys = on.isEmpty ? [try call(.random, [], at: nil)] : try on.map { try binder.bind($0) }
        let predicate = try call(
            .comparison(.equal), [try self.bucket(of: keys, count: count, by: hash), .integer(Int64(bucket - 1))], at: nil)
        return Source(
            plan: .filter(LogicalFilter(input: source.plan, predicate: predicate)), scope: source.scope)
    }

    /// The number, from 0, of the bucket that a row falls into.
    package func bucket(of keys: [BoundExpression], count: Int, by hash: HiveHash) throws -> BoundExpression {
        try dealt(try call(.hash(hash), keys, at: nil), count: count)
    }

    /// A number from 0 on of so many, by a hash.
    func dealt(_ hash: BoundExpression, count: Int) throws -> BoundExpression {
        let positive = try call(.arithmetic(.bitwiseAnd), [hash, .integer(0x7fff_ffff)], at: nil)
        return try call(.arithmetic(.remainder), [positive, .integer(Int64(count))], at: nil)
    }

    // MARK: lateral views

    private func bindLateralView(_ view: LateralView, environment: QueryEnvironment) throws -> Source {
        expansion?.alias(view.alias)
        for column in view.columns { expansion?.alias(column) }
        return try bindTableFunction(
            view.function, over: try bindFrom(view.source, environment: environment), alias: view.alias.name,
            columns: view.columns, isOuter: view.isOuter, range: view.functionRange, environment: environment)
    }

    func bindTableFunction(
        _ call: FunctionCall, over source: Source, alias: String, columns: [Identifier], isOuter: Bool,
        range: SourceRange, environment: QueryEnvironment
    ) throws -> Source {
        let name = key(of: call.name)
        guard let function = functions.table(name) else {
            if functions.entry(name) == nil { throw unknownFunction(name, at: nil) }
            throw PlanError("\(name) is no table function", code: 10011, at: range)
        }
        let binder = ExpressionBinder(
            self, scope: Scope(tables: source.scope, parent: environment.outerScope), environment: environment)
        let arguments = try binder.bindArguments(call)
        let node = try lateralView(
            function, name: name, arguments: arguments, over: try attach(binder.pendingJoins, to: source.plan),
            columns: columns, isOuter: isOuter, range: range)
        let table = ScopeTable(
            alias: alias, database: nil,
            columns: node.generated.map { ScopeColumn(name: $0.name, expression: .column($0)) })
        return Source(plan: .lateralView(node), scope: source.scope + [table])
    }

    // MARK: joins

    private func bindJoin(_ join: Join, environment: QueryEnvironment) throws -> Source {
        let left = try bindFrom(join.left, environment: environment)
        let right = try bindFrom(join.right, environment: environment)
        for table in right.scope {
            if let alias = table.alias, left.scope.contains(where: { $0.alias == alias && $0.database == table.database }) {
                throw PlanError("Ambiguous table alias '\(alias)'", code: 10008, at: join.right.range)
            }
        }
        if join.kind.isAsof { return try bindAsofJoin(join, left, right, environment: environment) }
        let kind: LogicalJoin.Kind
        var isSwapped = false
        switch join.kind {
        case .inner: kind = .inner
        case .leftOuter: kind = .left
        case .rightOuter: kind = .right
        case .fullOuter: kind = .full
        case .cross, .comma: kind = .inner
        case .leftSemi: kind = .leftSemi
        case .leftAnti: kind = .leftAnti
        case .rightSemi, .rightAnti:
            kind = join.kind == .rightSemi ? .leftSemi : .leftAnti
            isSwapped = true
        case .asof, .asofInner, .asofLeft: throw PlanError("An ASOF join has a plan of its own")
        }
        let (outer, inner) = isSwapped ? (right, left) : (left, right)
        var scope = outer.scope + inner.scope
        var conjuncts: [BoundExpression] = []
        switch join.condition {
        case nil: break
        case .on(let expression): conjuncts = try bindJoinCondition(expression, scope, environment: environment)
        case .using(let names):
            conjuncts = try equalities(
                of: bindUsing(names.map(\.name), outer, inner, kind, &scope, names.first?.range), names.first?.range)
        case .natural:
            let shared = outer.scope.flatMap { $0.columns.filter(\.isListed).map(\.name) }.filter { name in
                inner.scope.contains { $0.columns.contains { $0.name == name && $0.isListed } }
            }
            expansion?.natural(join, shared: shared)
            conjuncts = try equalities(of: bindUsing(shared, outer, inner, kind, &scope, nil), nil)
        }
        let plan = try makeJoin(kind, outer.plan, inner.plan, conjuncts)
        let isHalf = kind == .leftSemi || kind == .leftAnti
        return Source(plan: plan, scope: isHalf ? outer.scope : scope)
    }

    /// The conjuncts of a condition of ON.
    func bindJoinCondition(
        _ expression: Expression, _ scope: [ScopeTable], environment: QueryEnvironment
    ) throws -> [BoundExpression] {
        let binder = ExpressionBinder(
            self, scope: Scope(tables: scope, parent: environment.outerScope), environment: environment)
        let conjuncts = try binder.bindCondition(expression).conjuncts
        guard binder.pendingJoins.isEmpty else {
            throw PlanError.unsupported("A subquery in a join condition", at: expression.range)
        }
        return conjuncts
    }

    private func equalities(
        of pairs: [(left: BoundExpression, right: BoundExpression)], _ range: SourceRange?
    ) throws -> [BoundExpression] {
        try pairs.map { try call(.comparison(.equal), [$0.left, $0.right], at: range) }
    }

    /// The columns that both sides have; of each pair only one stays visible to `*` and to bare names.
    func bindUsing(
        _ names: [String], _ left: Source, _ right: Source, _ kind: LogicalJoin.Kind, _ scope: inout [ScopeTable],
        _ range: SourceRange?
    ) throws -> [(left: BoundExpression, right: BoundExpression)] {
        let ranks = scope.flatMap(\.columns).compactMap(\.usingRank).min() ?? 0
        return try names.enumerated().map { place, name in
            guard case .found(let a, _, _) = Scope(tables: left.scope, parent: nil).resolve([name]),
                case .found(let b, _, _) = Scope(tables: right.scope, parent: nil).resolve([name])
            else {
                throw PlanError("Invalid column reference '\(name)'", code: 10002, at: range)
            }
            let kept = kind == .right ? b : a
            for table in scope.indices {
                for column in scope[table].columns.indices where scope[table].columns[column].name == name {
                    if scope[table].columns[column].expression == kept {
                        scope[table].columns[column].usingRank = ranks - names.count + place
                    }
                    if scope[table].columns[column].expression == (kept == a ? b : a) {
                        scope[table].columns[column].isHidden = true
                    } else if kind == .full, scope[table].columns[column].expression == a {
                        guard let type = commonType([a.type, b.type]) else { continue }
                        scope[table].columns[column].expression = BoundExpression(
                            .coalesce([cast(a, to: type), cast(b, to: type)]), type: type)
                    }
                }
            }
            return (a, b)
        }
    }

    /// A join whose condition is taken apart into equalities between the sides and a residual.
    func makeJoin(
        _ kind: LogicalJoin.Kind, _ left: LogicalPlan, _ right: LogicalPlan, _ conjuncts: [BoundExpression]
    ) throws -> LogicalPlan {
        let leftColumns = Set(left.outputs.map(\.id))
        let rightColumns = Set(right.outputs.map(\.id))
        var (left, right) = (left, right)
        var equalities: [LogicalJoin.Equality] = []
        var residual: [BoundExpression] = []
        for conjunct in conjuncts {
            if let equality = try equality(conjunct, leftColumns: leftColumns, mayBeRandom: true),
                equality.right.columnIDs.isSubset(of: rightColumns)
            {
                equalities.append(
                    LogicalJoin.Equality(
                        left: drawn(equality.left, beside: &left), right: drawn(equality.right, beside: &right),
                        isNullSafe: equality.isNullSafe))
            } else {
                residual.append(conjunct)
            }
        }
        return .join(
            LogicalJoin(
                kind: kind == .inner && equalities.isEmpty && residual.isEmpty ? .cross : kind, left: left, right: right,
                equalities: equalities, residual: residual.isEmpty ? nil : .conjunction(residual)))
    }

    /// A key of a join that is drawn at random is drawn once for each row of its side: a column beside the others.
    private func drawn(_ key: BoundExpression, beside plan: inout LogicalPlan) -> BoundExpression {
        guard !key.isDeterministic else { return key }
        let column = makeColumn("_key", key.type)
        let pass = plan.outputs.map { NamedExpression(output: $0, expression: .column($0)) }
        plan = .project(
            LogicalProject(input: plan, expressions: pass + [NamedExpression(output: column, expression: key)]))
        return .column(column)
    }

    /// `a = b` or `a <=> b` with one side over `leftColumns` alone and the other over none of them.
    func equality(
        _ predicate: BoundExpression, leftColumns: Set<ColumnID>, mayBeRandom: Bool = false
    ) throws -> LogicalJoin.Equality? {
        guard case .comparison(let operation, let first, let second) = predicate.kind,
            operation == .equal || operation == .nullSafeEqual, mayBeRandom || predicate.isDeterministic
        else { return nil }
        let sides = [first.columnIDs, second.columnIDs]
        guard !sides[0].isEmpty, !sides[1].isEmpty, let same = sameTyped(first, second) else { return nil }
        let operands = [same.0, same.1]
        for (own, other) in [(0, 1), (1, 0)]
        where sides[own].isSubset(of: leftColumns) && sides[other].isDisjoint(with: leftColumns) {
            return LogicalJoin.Equality(
                left: operands[own], right: operands[other], isNullSafe: operation == .nullSafeEqual)
        }
        return nil
    }

    /// Operands of a comparison as values of one type that compare alike: a comparison leaves decimals their scales and
    /// texts their lengths. nil for decimals that no type holds together.
    func sameTyped(_ first: BoundExpression, _ second: BoundExpression) -> (BoundExpression, BoundExpression)? {
        if first.type == second.type { return (first, second) }
        if first.type.isCharacter, second.type.isCharacter {
            return (cast(first, to: .string), cast(second, to: .string))
        }
        guard case .decimal(let p1, let s1) = first.type, case .decimal(let p2, let s2) = second.type else { return nil }
        let scale = max(s1, s2)
        let precision = max(p1 - s1, p2 - s2) + scale
        guard precision <= Decimals.maximumPrecision else { return nil }
        let type = SQLType.decimal(precision: precision, scale: scale)
        return (cast(first, to: type), cast(second, to: type))
    }

    /// Gives a subquery the outer rows: both read one subplan. What it reads of them may be groups by then.
    private func readingOuterRows(
        _ subplan: Int, _ plan: inout LogicalPlan, _ join: inout PendingJoin,
        rewriting rewrite: (BoundExpression) throws -> BoundExpression
    ) rethrows {
        // Of two readers of one subquery the first has given it the rows.
        guard subplansOfOuterRows.insert(subplan).inserted else { return }
        var known: Set<ColumnID> = []
        let outputs = plan.outputs.filter { known.insert($0.id).inserted }
        sharedSubplans[subplan - 1].plan = plan
        plan = reader(of: subplan, outputs.map { ($0, $0) }).plan
        join.plan = try join.plan.transformedUp { node in
            guard case .sharedScan(var scan) = node, scan.subplan == subplan else { return node }
            for index in scan.columns.indices {
                let column = scan.columns[index]
                let meant = try rewrite(BoundExpression(.column(column.source), type: column.output.type))
                if case .column(let id) = meant.kind { scan.columns[index].source = id }
            }
            return .sharedScan(scan)
        }
    }

    /// Joins the subqueries that expressions asked for.
    func attach(
        _ joins: [PendingJoin], to plan: LogicalPlan,
        rewriting rewrite: (BoundExpression) throws -> BoundExpression = { $0 }
    ) rethrows -> LogicalPlan {
        try joins.reduce(plan) { plan, join in
            var (plan, join) = (plan, join)
            if let subplan = join.outerRows { try readingOuterRows(subplan, &plan, &join, rewriting: rewrite) }
            let equalities = try join.equalities.map {
                LogicalJoin.Equality(left: try rewrite($0.left), right: $0.right, isNullSafe: $0.isNullSafe)
            }
            let residual = try join.residual.map { try $0.rewrittenOuter(rewrite, inner: join.plan) }
            return .join(
                LogicalJoin(
                    kind: join.kind, left: plan, right: join.plan, equalities: equalities,
                    residual: residual.isEmpty ? nil : .conjunction(residual), isSingleMatch: join.isSingleMatch,
                    mark: join.mark))
        }
    }
}

extension BoundExpression {
    /// Rewrites the parts over outer columns and leaves alone what is over the subquery's own.
    fileprivate func rewrittenOuter(
        _ rewrite: (BoundExpression) throws -> BoundExpression, inner: LogicalPlan
    ) rethrows -> BoundExpression {
        let own = Set(inner.outputs.map(\.id))
        if columnIDs.isDisjoint(with: own) { return try rewrite(self) }
        return try replacingChildren { try $0.rewrittenOuter(rewrite, inner: inner) }
    }
}
