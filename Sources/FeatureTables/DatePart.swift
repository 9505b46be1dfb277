import Columnar

/// A part of a date or a time that is a feature of its own.
public enum DatePart: String, Codable, Sendable, CaseIterable {
    case year, quarter, month, day
    /// 1 is 1 January.
    case dayOfYear = "dayofyear"
    /// 1 is Sunday, as HiveQL's `dayofweek`.
    case weekday
    case hour, minute, second

    /// Whether dates without a time have it.
    public var isOfDate: Bool {
        switch self {
        case .year, .quarter, .month, .day, .dayOfYear, .weekday: true
        case .hour, .minute, .second: false
        }
    }

    /// `year,month,weekday`.
    /// - Throws: `FeatureError.invalidOption` for anything that is no part.
    public static func parse(_ names: [String]) throws -> [DatePart] {
        var parts: [DatePart] = []
        for name in names {
            guard let part = DatePart(rawValue: name.lowercased()) else {
                throw FeatureError.invalidOption(
                    "unknown date part '\(name)': use \(allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if !parts.contains(part) { parts.append(part) }
        }
        return parts
    }

    /// - Parameters:
    ///   - day: since 1970-01-01.
    ///   - second: of the day.
    @inline(__always)
    func value(day: Int32, second: Int32) -> Double {
        switch self {
        case .year: Double(CivilDate.components(ofDay: day).year)
        case .quarter: Double((CivilDate.components(ofDay: day).month + 2) / 3)
        case .month: Double(CivilDate.components(ofDay: day).month)
        case .day: Double(CivilDate.components(ofDay: day).day)
        case .dayOfYear: Double(day &- CivilDate.day(year: CivilDate.components(ofDay: day).year, month: 1, day: 1) &+ 1)
        // 1970-01-01 was a Thursday.
        case .weekday: Double(((Int64(day) + 4) % 7 + 7) % 7 + 1)
        case .hour: Double(second / 3600)
        case .minute: Double(second / 60 % 60)
        case .second: Double(second % 60)
        }
    }
}

/// A column of dates or times, read as parts.
struct DatePartReader: Sendable {
    private let column: Column
    let parts: [DatePart]

    /// - Throws: `FeatureError.typeChanged` for a column that is neither.
    init(_ column: Column, _ name: String, _ parts: [DatePart]) throws {
        guard Self.hasParts(column.type) else {
            throw FeatureError.typeChanged(column: name, expected: "date or timestamp", found: "\(column.type)")
        }
        self.column = column
        self.parts = parts
    }

    static func hasParts(_ type: SQLType) -> Bool {
        switch type {
        case .date, .timestamp, .timestampLocalTimeZone: true
        default: false
        }
    }

    func isMissing(_ row: Int) -> Bool { column.isNull(row) }

    /// The parts of a row, one behind the other; NaN for a NULL.
    @inline(__always)
    func read(_ row: Int, into target: UnsafeMutablePointer<Double>) {
        guard !column.isNull(row) else {
            for place in parts.indices { target[place] = .nan }
            return
        }
        let day: Int32
        var second: Int32 = 0
        if column.type.physical == .timestamp {
            let seconds = column.values(as: Timestamp.self)[row].seconds
            let whole = seconds >= 0 ? seconds / 86_400 : -((-(seconds + 1)) / 86_400) - 1
            day = Int32(clamping: whole)
            second = Int32(truncatingIfNeeded: seconds &- whole &* 86_400)
        } else {
            day = column.values(as: Int32.self)[row]
        }
        for (place, part) in parts.enumerated() { target[place] = part.value(day: day, second: second) }
    }
}
