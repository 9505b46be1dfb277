import Columnar
import Functions

/// Numbers the nodes of expressions, equal ones alike.
struct ExpressionCompiler {
    private(set) var nodes: [ExpressionProgram.Node] = []
    private var known: [Key: Int] = [:]
    private let positions: [ColumnID: Int]
    /// The nodes of values that columns stand for inside an expression.
    private var values: [ColumnID: Int] = [:]

    private struct Key: Hashable {
        enum Tag: Hashable {
            case call(ObjectIdentifier)
            case comparison(ComparisonOperator)
            case column, literal, cast, and, or, not, isNull, isNotNull, conditional, coalesce, inList, field
        }
        var tag: Tag
        var type: SQLType
        var children: [Int] = []
        var literal: LiteralValue?
        var index = 0
    }

    init(_ columns: [OutputColumn]) {
        positions = Dictionary(columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func add(_ expression: BoundExpression) throws -> Int {
        let type = expression.type
        let isShared = expression.isShared
        switch expression.kind {
        case .column(let id):
            if let value = values[id] { return value }
            guard let position = positions[id] else {
                throw ExpressionError.missingColumn(id)
            }
            return intern(Key(tag: .column, type: type, index: position), .column(position))
        case .literal(let value):
            return intern(Key(tag: .literal, type: type, literal: value), .literal(value))
        case .call(let call):
            let arguments = try call.arguments.map { try add($0) }
            let operation = ExpressionProgram.Operation.call(call.kernel, arguments)
            guard call.isDeterministic else { return append(operation, type) }
            let key = Key(tag: .call(ObjectIdentifier(call.function)), type: type, children: arguments)
            return intern(key, operation, isShared)
        case .comparison(let operation, let left, let right):
            let (left, right) = (try add(left), try add(right))
            return intern(
                Key(tag: .comparison(operation), type: type, children: [left, right]),
                .comparison(operation, left, right), isShared)
        case .cast(let operand):
            let node = try add(operand)
            return intern(Key(tag: .cast, type: type, children: [node]), .cast(node), isShared)
        case .and(let operands):
            let list = try operands.map { try add($0) }
            return intern(Key(tag: .and, type: type, children: list), .and(list), isShared)
        case .or(let operands):
            let list = try operands.map { try add($0) }
            return intern(Key(tag: .or, type: type, children: list), .or(list), isShared)
        case .not(let operand):
            let node = try add(operand)
            return intern(Key(tag: .not, type: type, children: [node]), .not(node), isShared)
        case .isNull(let operand):
            let node = try add(operand)
            return intern(Key(tag: .isNull, type: type, children: [node]), .isNull(node), isShared)
        case .isNotNull(let operand):
            let node = try add(operand)
            return intern(Key(tag: .isNotNull, type: type, children: [node]), .isNotNull(node), isShared)
        case .conditional(let branches, let otherwise):
            let pairs = try branches.map { (condition: try add($0.condition), value: try add($0.value)) }
            let last = try otherwise.map { try add($0) }
            let children = pairs.flatMap { [$0.condition, $0.value] } + (last.map { [$0] } ?? [])
            return intern(
                Key(tag: .conditional, type: type, children: children), .conditional(pairs, otherwise: last), isShared)
        case .coalesce(let operands):
            let list = try operands.map { try add($0) }
            return intern(Key(tag: .coalesce, type: type, children: list), .coalesce(list), isShared)
        case .inList(let operand, let items):
            let node = try add(operand)
            let list = try items.map { try add($0) }
            let literals = items.map { item -> LiteralValue? in
                if case .literal(let value) = item.kind { return value }
                return nil
            }
            return intern(
                Key(tag: .inList, type: type, children: [node] + list),
                .inList(node, MembershipList(type: operand.type, nodes: list, literals: literals)), isShared)
        case .field(let operand, let index):
            let node = try add(operand)
            let key = Key(tag: .field, type: type, children: [node], index: index)
            return intern(key, .field(node, index: index), isShared)
        case .letting(let id, let value, let body):
            let node = try add(value)
            let outer = values.updateValue(node, forKey: id)
            defer { values[id] = outer }
            return try add(body)
        }
    }

    /// The node that `key` names, made when it is new; what is not shared gets a node of its own each time.
    private mutating func intern(
        _ key: Key, _ operation: ExpressionProgram.Operation, _ isShared: Bool = true
    ) -> Int {
        guard isShared else { return append(operation, key.type) }
        if let node = known[key] { return node }
        let node = append(operation, key.type)
        known[key] = node
        return node
    }

    private mutating func append(_ operation: ExpressionProgram.Operation, _ type: SQLType) -> Int {
        nodes.append(ExpressionProgram.Node(operation: operation, type: type))
        return nodes.count - 1
    }

    /// A node every so many levels is a landing.
    private static let landingInterval = 256

    /// Operands have lower numbers than what is made of them, so one pass is enough.
    mutating func markLandings() {
        var depths = [Int](repeating: 0, count: nodes.count)
        for index in nodes.indices {
            guard let deepest = operands(of: nodes[index].operation).max(by: { depths[$0] < depths[$1] }) else { continue }
            depths[index] = depths[deepest] + 1
            let isLanding = depths[deepest] > 0 && depths[deepest] % Self.landingInterval == 0
            nodes[index].landing = isLanding ? deepest : nodes[deepest].landing
        }
    }

    /// The operands that an operation always evaluates, on the rows it is evaluated on.
    private func operands(of operation: ExpressionProgram.Operation) -> [Int] {
        switch operation {
        case .column, .literal: []
        case .call(_, let arguments): arguments
        case .comparison(_, let left, let right): [left, right]
        case .cast(let operand), .not(let operand), .isNull(let operand), .isNotNull(let operand),
            .field(let operand, _), .inList(let operand, _):
            [operand]
        case .and(let operands), .or(let operands), .coalesce(let operands): Array(operands.prefix(1))
        case .conditional(let branches, _): branches.prefix(1).map(\.condition)
        }
    }

    /// Follows the operands that are evaluated whatever the others are.
    mutating func markUnconditional(_ root: Int) {
        var open = [root]
        while let node = open.popLast() {
            guard !nodes[node].isUnconditional else { continue }
            nodes[node].isUnconditional = true
            open += operands(of: nodes[node].operation)
        }
    }
}
