extension Column {
    /// Field `index` of a STRUCT column; of an ARRAY of STRUCT the array of that field of each element. Flat or constant.
    /// NULL where the structure is NULL.
    /// - Parameter type: the field's type, or the array of it.
    package func field(_ index: Int, type: SQLType) -> Column {
        if case .array = self.type, let elements = children.first {
            let plain = elements.flattened(.all(elements.count))
            let inner = plain.field(index, type: type.childTypes.first ?? plain.type)
            let children = [inner.flattened(.all(inner.count))]
            let result =
                isConstant
                ? Column(constant: type, count: count, children: children)
                : Column(flat: type, count: count, children: children)
            result.rawValues.copyMemory(from: rawValues, byteCount: (isConstant ? 1 : count) * type.physical.stride)
            result.setValidity(validity)
            return result
        }
        guard children.indices.contains(index) else { return .nulls(type, count: count) }
        var child = children[index].decoded(.all(children[index].count))
        if isConstant {
            if isNull(0) || child.isNull(0) { return .nulls(type, count: count) }
            if child.isConstant { return child.withCount(count) }
            let zeros = [Int32](repeating: 0, count: count)
            return Column.dictionary(child, indices: zeros, count: count).decoded(.all(count))
        }
        if child.isConstant {
            if child.count != count { child = child.withCount(count) }
            guard validity != nil else { return child }
            child = child.flattened(.all(count))
        }
        guard validity != nil else { return child }
        return child.replacingValidity(ValidityBitmap.intersection([self, child], count: count))
    }
}
