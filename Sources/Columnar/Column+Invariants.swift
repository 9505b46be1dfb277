/// What holds of every column. Checked where columns and batches are made, in builds with assertions.
extension Column {
    /// Whether the elements are laid out as `type`: tags of unions are bytes as booleans are.
    @usableFromInline package func holds<T: ColumnElement>(_: T.Type) -> Bool {
        T.physical == type.physical || (T.physical == .boolean && type.physical == .union)
    }

    /// Whether lengths, bitmap, base and children fit to the encoding and the type.
    var hasConsistentLayout: Bool {
        guard count >= 0 else { return false }
        if encoding == .dictionary { return base?.encoding == .flat && validity == nil && children.isEmpty }
        let elements = encoding == .constant ? 1 : count
        guard base == nil, validity.map({ $0.count >= elements }) ?? true else { return false }
        guard children.count == type.childTypes.count else { return false }
        switch type.physical {
        case .structure, .union: return children.allSatisfy { $0.isConstant || $0.count >= elements }
        default: return true
        }
    }

    /// Whether the elements of the selected rows lie inside what they point into. Elements of NULLs are anything.
    func hasValidElements(_ rows: RowSelection) -> Bool {
        var isValid = true
        rows.forEach { row in
            guard row >= 0, row < count else { return isValid = false }
            let element = self.element(of: row)
            guard let column = encoding == .dictionary ? base : self else { return isValid = false }
            guard element >= 0, element < (column.isConstant ? 1 : column.count) else { return isValid = false }
            if !column.isNull(element), !column.hasValidElement(element) { isValid = false }
        }
        return isValid
    }

    private func hasValidElement(_ element: Int) -> Bool {
        switch type.physical {
        case .boolean: return values(as: UInt8.self)[element] <= 1
        case .union: return Int(values(as: UInt8.self)[element]) < children.count
        case .timestamp: return 0..<1_000_000_000 ~= values(as: Timestamp.self)[element].nanoseconds
        case .list:
            let entry = values(as: ListEntry.self)[element]
            let (end, isTooLarge) = entry.offset.addingReportingOverflow(entry.length)
            return entry.offset >= 0 && entry.length >= 0 && !isTooLarge
                && children.allSatisfy { $0.isConstant || end <= $0.count }
        default: return true
        }
    }
}
