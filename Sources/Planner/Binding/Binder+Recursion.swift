import Columnar
import Expressions
import HiveSyntax

/// What the name of a recursive common table expression means in its own query.
struct RecursiveReference {
    /// The rows of the step before, while the branch that reads them is bound: the subplan that stands for them, and its columns.
    var rows: (subplan: Int, columns: [OutputColumn])?
    /// Why the name means nothing where the query is bound now.
    var refusal = ""
    /// Where the branch names it.
    var places: [SourceRange] = []
}

extension Binder {
    /// How often a recursive branch is bound to find the types of the columns.
    private static let typingRounds = 4

    /// The rows of the step before.
    func stepRows(of common: CommonTable, at range: SourceRange) throws -> Relation {
        guard let rows = common.recursion.rows else {
            throw PlanError("Recursive cte \(common.expression.name.name) \(common.recursion.refusal)", at: range)
        }
        common.recursion.places.append(range)
        return reader(of: rows.subplan, rows.columns.map { ($0, makeColumn($0.name, $0.type)) })
    }

    /// The query of a common table expression of WITH RECURSIVE: `anchor UNION [ALL] branch` where the branch names it, any other
    /// query where nothing does.
    func bindRecursive(_ common: CommonTable, environment: QueryEnvironment) throws -> Relation {
        let query = common.expression.query
        common.recursion = RecursiveReference(
            refusal: "must be of the form (query UNION [ALL] query), of which the second one names it")
        guard case .setOperations(let first, let others) = query.body, let branch = others.last, branch.operation == .union else {
            return try bind(query, environment: environment)
        }
        try settings.strictChecks.check(query)
        common.recursion.refusal = "must not be named before the last branch of its UNION"
        let anchor = try bind(
            others.count == 1 ? first : .setOperations(first, Array(others.dropLast())),
            environment: environment.adding(query.with))
        switch try bindSteps(of: common, from: anchor, branch, environment: environment) {
        case .single(let second):
            let union = unionAll(try align([anchor, second]))
            return try ordered(branch.all ? union : distinct(union), query, environment: environment.adding(query.with))
        case .steps(let recursion):
            guard !query.ordersOrLimits else {
                let item = (query.orderBy.first ?? query.sortBy.first)?.expression ?? query.limit?.count
                throw PlanError.unsupported(
                    "ORDER BY or LIMIT in the query of a recursive cte", at: item?.range ?? common.expression.name.range)
            }
            return Relation(plan: .recursion(recursion), columns: recursion.outputs)
        }
    }

    /// The last branch of a query of WITH RECURSIVE.
    private enum LastBranch {
        /// It does not name the common table expression.
        case single(Relation)
        case steps(LogicalRecursion)
    }

    private func bindSteps(
        of common: CommonTable, from anchor: Relation, _ branch: Query.SetOperand, environment: QueryEnvironment
    ) throws -> LastBranch {
        let name = common.expression.name.name
        var types = anchor.columns.map(\.type)
        let pauses = expansionPauses
        defer { expansionPauses = pauses }
        for round in 0..<Self.typingRounds {
            // A view's text learns once what the names mean.
            if round == 1 { expansionPauses += 1 }
            let known = sharedSubplans.count
            let rows = share(singleRow, name: name)
            subplansOfSteps.insert(rows)
            let outputs = zip(anchor.columns, types).map { makeColumn($0.name, $1) }
            common.recursion.rows = (rows, outputs)
            common.recursion.places = []
            defer { common.recursion.rows = nil }
            // Its own common table expressions may read the rows, so they too are bound anew.
            var step = try bind(branch.body, environment: environment.adding(common.expression.query.with))
            guard step.columns.count == anchor.columns.count else { throw branchesDiffer(at: branch.body.range) }
            guard let place = common.recursion.places.first else { return .single(step) }
            let made = Array(sharedSubplans[known...])
            var reads = RecursiveReads(of: rows, among: made, subplansOfOuterRows)
            reads.visit(step.plan)
            if let refusal = reads.refusal ?? (reads.count == 0 ? RecursiveReads.inSubquery : nil) {
                throw PlanError("Recursive cte \(name) must not be named \(refusal)", at: place)
            }
            guard reads.count <= 1 else {
                throw PlanError(
                    "Recursive cte \(name) must not be named more than once in its query", at: common.recursion.places.dropFirst().first ?? place)
            }
            // The anchor may be bound to types that the branch makes wider: a NULL, or an INT that a BIGINT is added to.
            let meeting = try align([anchor, step]).map { exact($0) }
            let wider = meeting[0].columns.map(\.type)
            guard wider == types else {
                types = wider
                continue
            }
            step = meeting[1]
            let own = made.inOrderOfReading.filter { $0.id != rows && reads.dependent.contains($0.id) }
            subplansOfSteps.formUnion(own.map(\.id))
            return .steps(
                LogicalRecursion(
                    rows: rows, name: name, anchor: meeting[0].plan, step: .reading(own, in: step.plan), outputs: outputs,
                    isDistinct: !branch.all))
        }
        let place = zip(anchor.columns, types).enumerated().first { $0.element.0.type != $0.element.1 }?.offset ?? 0
        let names = common.expression.columns.map(\.name)
        throw PlanError(
            "The type of column \(names.indices.contains(place) ? names[place] : anchor.columns[place].name) of the recursive cte \(name) grows "
                + "with every step: \(anchor.columns[place].type), …, \(types[place]). A CAST in the second branch of its UNION gives it one",
            at: branch.body.range)
    }
}

/// How the recursive branch of a common table expression reads the rows of the step before.
private struct RecursiveReads {
    static let inSubquery = "in a subquery of an expression"

    private let rows: Int
    private let made: [Int: LogicalPlan]
    private let outerRows: Set<Int>
    private var known: Set<Int> = []
    /// Places that read the rows.
    private(set) var count = 0
    /// Where one of them stands that must not.
    private(set) var refusal: String?
    /// Shared subplans that read the rows, themselves or by others.
    private(set) var dependent: Set<Int> = []

    /// - Parameters:
    ///   - made: the shared subplans that the branch made.
    ///   - outerRows: those of them that are rows of a query for a subquery in it.
    init(of rows: Int, among made: [SharedSubplan], _ outerRows: Set<Int>) {
        self.rows = rows
        self.made = Dictionary(made.map { ($0.id, $0.plan) }, uniquingKeysWith: { first, _ in first })
        self.outerRows = outerRows
        dependent = [rows]
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for subplan in made where !dependent.contains(subplan.id) && subplan.plan.reads(dependent) {
                dependent.insert(subplan.id)
                isGrowing = true
            }
        }
    }

    /// - Parameter place: what is wrong with the place, in words.
    mutating func visit(_ plan: LogicalPlan, _ place: String? = nil) {
        switch plan {
        case .sharedScan(let scan):
            if scan.subplan == rows {
                count += 1
                refusal = refusal ?? place
            } else if dependent.contains(scan.subplan), let subplan = made[scan.subplan] {
                // A subquery looks at values of the rows that the query around reads.
                if outerRows.contains(scan.subplan), !known.insert(scan.subplan).inserted { return }
                visit(subplan, place)
            }
        case .aggregate(let node):
            let keepsRows = node.aggregates.isEmpty && node.groupingSets == nil
            visit(node.input, keepsRows ? place : place ?? "under an aggregate, INTERSECT or EXCEPT")
        case .join(let node):
            let outer = "on the side of an outer join that may have no row"
            switch node.kind {
            case .inner, .cross:
                visit(node.left, place)
                visit(node.right, place)
            case .left:
                visit(node.left, place)
                visit(node.right, place ?? (node.isSingleMatch ? Self.inSubquery : outer))
            case .right:
                visit(node.left, place ?? outer)
                visit(node.right, place)
            case .full:
                visit(node.left, place ?? outer)
                visit(node.right, place ?? outer)
            case .leftSemi, .leftAnti, .leftAntiNullAware, .mark:
                visit(node.left, place)
                visit(node.right, place ?? "\(Self.inSubquery), or at the right of a semi join")
            }
        case .asofJoin(let node):
            visit(node.left, place)
            visit(node.right, place ?? "at the right of an ASOF join")
        default:
            for input in plan.inputs { visit(input, place) }
        }
    }
}
