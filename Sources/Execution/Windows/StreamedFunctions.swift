import Columnar
import Functions
import Planner

/// How the functions of a window over one partition are computed some rows at a time, in their order.
struct StreamedFunctions {
    enum Form {
        case rowNumber, rank, denseRank, percentRank, cumulativeDistribution, ntile
        /// An aggregate of all rows up to the current one, or up to the last of its peers.
        case running(ResolvedAggregate)
        /// An aggregate of all rows: the place of its accumulator.
        case whole(Int)
        /// What rows nearby decide.
        case nearby
        /// The first row's value.
        case first
    }

    let forms: [Form]
    /// Aggregates of all rows.
    let wholes: [(function: Int, aggregate: ResolvedAggregate)]
    /// Rows before and behind a row that its values may depend on.
    let before: Int
    let behind: Int
    /// Whether rows with equal order keys have to be seen together.
    let needsPeers: Bool
    /// Whether there are no aggregates, which may round in another way where their rows are cut.
    let isExact: Bool

    /// Of a window that looks further the rows are all needed at once.
    private static let farthest = 1 << 16

    /// nil when a function needs more than that.
    init?(_ plan: WindowPlan) {
        var forms: [Form] = []
        var wholes: [(function: Int, aggregate: ResolvedAggregate)] = []
        var (before, behind) = (0, 0)
        var needsPeers = false
        for (number, function) in plan.functions.enumerated() {
            let frame = function.named.frame
            switch function.named.function {
            case .window(let kind, let ignoresNulls):
                switch kind {
                case .rowNumber: forms.append(.rowNumber)
                case .ntile:
                    guard case .literal = function.arguments.first else { return nil }
                    forms.append(.ntile)
                case .rank, .denseRank, .percentRank:
                    // Whether a row is a peer of the one before.
                    before = max(before, 1)
                    forms.append(kind == .rank ? .rank : kind == .denseRank ? .denseRank : .percentRank)
                case .cumulativeDistribution:
                    needsPeers = true
                    forms.append(.cumulativeDistribution)
                case .lag, .lead:
                    guard !ignoresNulls, let steps = Self.steps(function) else { return nil }
                    if kind == .lag { before = max(before, steps) } else { behind = max(behind, steps) }
                    forms.append(.nearby)
                case .firstValue where frame.start == .unboundedPreceding && Self.hasCurrentRow(frame) && !ignoresNulls: forms.append(.first)
                case .lastValue where frame.end == .currentRow && !ignoresNulls:
                    if frame.unit == .range { needsPeers = true }
                    forms.append(.nearby)
                case .firstValue, .lastValue, .nthValue:
                    guard !ignoresNulls, let reach = Self.reach(frame) else { return nil }
                    (before, behind) = (max(before, reach.before), max(behind, reach.behind))
                    forms.append(.nearby)
                }
            case .aggregate(let definition, let aggregate, let isDistinct):
                guard !isDistinct else { return nil }
                // All rows are folded in as they come, before they are sorted.
                if frame.start == .unboundedPreceding, frame.end == .unboundedFollowing, definition.traits.isOrderSensitive { return nil }
                if frame.start == .unboundedPreceding, frame.end == .unboundedFollowing {
                    forms.append(.whole(wholes.count))
                    wholes.append((number, aggregate))
                } else if frame.start == .unboundedPreceding, frame.end == .currentRow {
                    if frame.unit == .range { needsPeers = true }
                    forms.append(.running(aggregate))
                } else if let reach = Self.reach(frame) {
                    (before, behind) = (max(before, reach.before), max(behind, reach.behind))
                    forms.append(.nearby)
                } else {
                    return nil
                }
            }
        }
        guard before <= Self.farthest, behind <= Self.farthest else { return nil }
        self.forms = forms
        self.wholes = wholes
        self.before = before
        self.behind = behind
        self.needsPeers = needsPeers
        isExact = plan.functions.allSatisfy { if case .window = $0.named.function { true } else { false } }
    }

    /// Whether a frame that begins with the partition has at least the current row.
    private static func hasCurrentRow(_ frame: WindowFrame) -> Bool {
        switch frame.end {
        case .currentRow, .following, .unboundedFollowing: true
        case .preceding, .unboundedPreceding: false
        }
    }

    private static func steps(_ function: WindowPlan.Function) -> Int? {
        guard function.arguments.count > 1 else { return 1 }
        guard case .literal(.integer(let value), _) = function.arguments[1] else { return nil }
        return Int(clamping: value)
    }

    /// Rows around the current one that a frame of ROWS has; nil for other frames.
    private static func reach(_ frame: WindowFrame) -> (before: Int, behind: Int)? {
        guard frame.unit == .rows, let start = offset(frame.start), let end = offset(frame.end) else { return nil }
        return (max(-min(start, end), 0), max(max(start, end), 0))
    }

    private static func offset(_ bound: WindowFrame.Bound) -> Int? {
        switch bound {
        case .currentRow: 0
        case .preceding(.integer(let rows), _): -Int(clamping: rows)
        case .following(.integer(let rows), _): Int(clamping: rows)
        default: nil
        }
    }
}
