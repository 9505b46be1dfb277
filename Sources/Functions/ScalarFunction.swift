import Columnar

/// What one evaluation of a scalar function sees.
package struct KernelInput: Sendable {
    /// Flat or constant columns of `count` rows, of the types that `ResolvedScalar.argumentTypes` asked for.
    package let arguments: [Column]
    /// The rows whose results are wanted.
    package let rows: RowSelection
    /// Rows that the batch and so the result column hold.
    package let count: Int
    package let context: EvaluationContext
    /// Where the batch stands in its source: makes `rand(seed)` independent of threads.
    package let sequence: BatchSequence
    /// Rows of earlier batches that stand at the same place: joins and table functions make several of one.
    package let firstRow: Int

    package init(
        arguments: [Column], rows: RowSelection, count: Int, context: EvaluationContext,
        sequence: BatchSequence = BatchSequence(), firstRow: Int = 0
    ) {
        self.arguments = arguments
        self.rows = rows
        self.count = count
        self.context = context
        self.sequence = sequence
        self.firstRow = firstRow
    }
}

/// A vectorized kernel: one call a batch. Returns a flat or constant column of `input.count` rows.
package typealias ScalarKernel = @Sendable (_ input: KernelInput) throws -> Column

/// What a query's evaluation may know of its session; the same for all rows.
package final class EvaluationContext: Sendable {
    /// The instant the query started, so that `current_timestamp` is one value a query.
    package let queryStart: Timestamp
    /// The session's time zone, `hive.local.time.zone`.
    package let zone: ZoneRules
    package let currentDatabase: String
    /// Looked up when a function asks: the system reads files for it.
    package var currentUser: String { findCurrentUser() }
    private let findCurrentUser: @Sendable () -> String
    /// Seed of unseeded `rand()` for this query.
    package let randomSeed: UInt64
    /// Integers converted to timestamps are seconds instead of milliseconds.
    package let integersAreSeconds: Bool
    /// What names the partitions of NULL besides Hive's own name, `hive.exec.default.partition.name`.
    package let nullPartition: String?
    /// Steps that one search of a regular expression may take.
    package let regularExpressionSteps: Int
    /// What the letters of patterns of times mean, `hive.datetime.formatter`.
    package let timePatterns: TimePatternKind
    /// Bytes that the query may still take.
    package let availableBytes: @Sendable () -> Int

    /// Throws when the statement is to end. Kernels ask where one row may take long.
    package let checkCancellation: @Sendable () throws -> Void

    package init(
        queryStart: Timestamp, zone: ZoneRules = .utc, currentDatabase: String = "default",
        currentUser: @autoclosure @escaping @Sendable () -> String = "", randomSeed: UInt64 = 0, integersAreSeconds: Bool = false,
        nullPartition: String? = nil, regularExpressionSteps: Int = RegularExpressionMatcher.usualStepLimit,
        timePatterns: TimePatternKind = .simple,
        availableBytes: @escaping @Sendable () -> Int = { .max },
        checkCancellation: @escaping @Sendable () throws -> Void = {}
    ) {
        self.checkCancellation = checkCancellation
        self.queryStart = queryStart
        self.zone = zone
        self.currentDatabase = currentDatabase
        findCurrentUser = currentUser
        self.randomSeed = randomSeed
        self.integersAreSeconds = integersAreSeconds
        self.nullPartition = nullPartition
        self.regularExpressionSteps = regularExpressionSteps
        self.timePatterns = timePatterns
        self.availableBytes = availableBytes
    }

    /// The same for a query whose memory is limited.
    package func limited(_ availableBytes: @escaping @Sendable () -> Int) -> EvaluationContext {
        EvaluationContext(
            queryStart: queryStart, zone: zone, currentDatabase: currentDatabase, currentUser: self.currentUser,
            randomSeed: randomSeed, integersAreSeconds: integersAreSeconds, nullPartition: nullPartition,
            regularExpressionSteps: regularExpressionSteps, timePatterns: timePatterns, availableBytes: availableBytes, checkCancellation: checkCancellation)
    }
}

/// Scalar functions: a row in, a value out.
package enum ScalarFamily: FunctionFamily {
    package typealias Traits = ScalarTraits
    package typealias Resolved = ResolvedScalar
}

package typealias ScalarFunction = FunctionDefinition<ScalarFamily>

/// What the evaluator of expressions does itself: it computes operands only where a row needs them, or has a loop of
/// its own for conditions.
package enum ScalarForm: Sendable, Hashable {
    case comparison(ComparisonOperator)
    /// Three-valued, over two or more operands.
    case and, or
    case not, isNull, isNotNull
    /// Conditions and values by turns; the last of an odd number is the value otherwise.
    case conditional
    /// An operand, then values to compare it with and results by turns; the last of an even number is the value
    /// otherwise.
    case simpleCase
    /// The first argument that is not NULL.
    case coalesce
    /// Whether the first argument is among the others.
    case membership
}

/// How a call is computed.
package enum ScalarEvaluation: Sendable {
    case kernel(ScalarKernel)
    case form(ScalarForm)
}

/// A scalar function fitted to one call.
package struct ResolvedScalar: Sendable {
    /// What the binder converts each argument to (by `Cast`) when its type differs.
    package let argumentTypes: [SQLType]
    package let resultType: SQLType
    package let evaluation: ScalarEvaluation

    package init(argumentTypes: [SQLType], resultType: SQLType, kernel: @escaping ScalarKernel) {
        self.argumentTypes = argumentTypes
        self.resultType = resultType
        evaluation = .kernel(kernel)
    }

    package init(argumentTypes: [SQLType], resultType: SQLType, form: ScalarForm) {
        self.argumentTypes = argumentTypes
        self.resultType = resultType
        evaluation = .form(form)
    }

    /// nil for what the evaluator does itself.
    package var kernel: ScalarKernel? {
        if case .kernel(let kernel) = evaluation { kernel } else { nil }
    }
}
