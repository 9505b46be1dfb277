import Columnar

/// What a sketch is, for people: a line a property, its value behind a colon.
struct SketchSummary {
    let text = ByteBuffer(capacity: 512)
    private let width: Int

    /// - Parameter width: of the properties' names.
    init(_ title: String, width: Int) {
        self.width = width
        text.append("### " + title + "\n")
    }

    private func begin(_ name: String) {
        text.append("  " + name)
        text.append(repeating: 0x20, count: max(0, width - name.utf8.count))
        text.append(": ")
    }

    func add(_ name: String, _ value: String) {
        begin(name)
        text.append(value + "\n")
    }

    func add(_ name: String, _ value: Int) { add(name, "\(value)") }
    func add(_ name: String, _ value: Bool) { add(name, value ? "true" : "false") }

    func add(_ name: String, _ value: Double) {
        begin(name)
        NumberFormatter.append(value, to: text)
        text.append("\n")
    }

    func add(_ name: String, _ value: Float) {
        begin(name)
        NumberFormatter.append(value, to: text)
        text.append("\n")
    }
}
