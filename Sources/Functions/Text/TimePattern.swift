import Columnar

/// Which of Java's classes says what the letters of a time's pattern mean (`hive.datetime.formatter`).
package enum TimePatternKind: Sendable, Hashable {
    /// `SimpleDateFormat`, as Hive before 4.
    case simple
    /// `DateTimeFormatter`, as Hive 4.
    case datetime
}

/// A pattern of times of either kind.
enum TimePattern: Sendable {
    case simple(DateTimePattern)
    case datetime(JavaTimePattern)

    /// - Throws: `FunctionError` for what is no pattern.
    init(_ bytes: [UInt8], _ kind: TimePatternKind) throws {
        do {
            switch kind {
            case .simple: self = .simple(try DateTimePattern(checking: bytes))
            case .datetime: self = .datetime(try JavaTimePattern(bytes))
            }
        } catch {
            throw FunctionError(.argument, "\(error)")
        }
    }

    /// The instant that a text names; nil when it is not of the pattern.
    /// - Throws: what `ZoneRules.named` throws, for text that names a zone.
    func parse(_ text: StringView, zone: ZoneRules) throws -> Timestamp? {
        switch self {
        case .simple(let pattern): try pattern.parse(text, zone: zone)
        case .datetime(let pattern): try pattern.parse(text, zone: zone)
        }
    }

    /// Appends an instant as wall-clock time of `zone`.
    func append(_ instant: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        switch self {
        case .simple(let pattern): pattern.append(instant, zone: zone, to: buffer)
        case .datetime(let pattern): pattern.append(instant, zone: zone, to: buffer)
        }
    }

    /// Appends a time without zone.
    func append(local: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        switch self {
        case .simple(let pattern): pattern.append(local: local, zone: zone, to: buffer)
        case .datetime(let pattern): pattern.append(local: local, zone: zone, to: buffer)
        }
    }
}
