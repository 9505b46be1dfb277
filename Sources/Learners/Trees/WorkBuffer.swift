/// Memory of a fixed size for tight loops; whoever has it says which thread writes what.
final class WorkBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked: each element is written by one thread at a time, before others read it.
    let start: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int, filledWith element: Element) {
        self.count = count
        start = .allocate(capacity: max(count, 1))
        start.initialize(repeating: element, count: max(count, 1))
    }

    init(copying elements: [Element]) {
        count = elements.count
        start = .allocate(capacity: max(elements.count, 1))
        for (place, element) in elements.enumerated() { (start + place).initialize(to: element) }
    }

    deinit { start.deallocate() }
}
