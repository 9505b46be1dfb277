/// A pointer that tasks share; they keep to separate ranges or only read.
struct SharedPointer<Element>: @unchecked Sendable {
    // Unchecked: the tasks that share it write places that do not meet.
    let pointer: UnsafeMutablePointer<Element>

    init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}
