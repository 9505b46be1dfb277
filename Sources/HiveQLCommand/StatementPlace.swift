/// Finds the lines of a script that its statements begin on, one statement after the other.
struct StatementPlace {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1

    init(script: String) { bytes = Array(script.utf8) }

    /// The line, counted from 1, of the statement's first word; nil when the script does not hold the text, as after
    /// `\;` was resolved.
    /// - Complexity: O(bytes) over all statements of a script.
    mutating func line(of statement: String) -> Int? {
        let wanted = Array(statement.utf8)
        var start = offset
        while start + wanted.count <= bytes.count, !bytes[start...].starts(with: wanted) { start += 1 }
        guard start + wanted.count <= bytes.count else { return nil }
        let first = start + Self.lengthOfSpaceAndComments(wanted)
        line += Self.lineEnds(bytes[offset..<first])
        let found = line
        let end = start + wanted.count
        line += Self.lineEnds(bytes[first..<end])
        offset = end
        return found
    }

    private static func lineEnds(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } }

    private static func lengthOfSpaceAndComments(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count {
            if bytes[index] <= 32 {
                index += 1
            } else if bytes[index...].starts(with: "--".utf8) {
                index = bytes[index...].firstIndex(of: 10) ?? bytes.count
            } else {
                break
            }
        }
        return index
    }
}
