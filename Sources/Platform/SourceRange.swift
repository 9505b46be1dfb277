/// A half-open range of byte offsets into the text that was parsed.
///
/// Positions carry no meaning for the tree: any two ranges compare equal, so that trees parsed from differently
/// laid-out texts can be compared with `==`.
package struct SourceRange: Sendable {
    package var start: Int
    package var end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// For nodes that no text stands behind.
    package static let none = SourceRange(start: 0, end: 0)

    /// The smallest range that holds both.
    package func union(_ other: SourceRange) -> SourceRange {
        SourceRange(start: min(start, other.start), end: max(end, other.end))
    }
}

extension SourceRange: Hashable {
    package static func == (_: SourceRange, _: SourceRange) -> Bool { true }
    package func hash(into _: inout Hasher) {}
}
