/// One bit an element: 1 = a value, 0 = NULL.
public final class ValidityBitmap: @unchecked Sendable {
    // Unchecked: whoever makes a bitmap writes it before it is shared, nobody afterwards.
    public let count: Int
    @usableFromInline package let words: UnsafeMutablePointer<UInt64>
    package let wordCount: Int

    /// All bits set.
    package init(count: Int) {
        self.count = count
        wordCount = (count + 63) / 64
        words = .allocate(capacity: max(wordCount, 1))
        words.initialize(repeating: ~0, count: max(wordCount, 1))
    }

    package convenience init(copying other: ValidityBitmap) {
        self.init(count: other.count)
        words.update(from: other.words, count: wordCount)
    }

    deinit { words.deallocate() }

    @inlinable @inline(__always)
    public subscript(element: Int) -> Bool {
        assert(element >= 0 && element < count, "no bit of the bitmap")
        return words[element >> 6] & (1 << UInt64(element & 63)) != 0
    }

    @inlinable @inline(__always)
    package func clear(_ element: Int) {
        assert(element >= 0 && element < count, "no bit of the bitmap")
        words[element >> 6] &= ~(1 << UInt64(element & 63))
    }

    @inlinable @inline(__always)
    package func set(_ element: Int) {
        assert(element >= 0 && element < count, "no bit of the bitmap")
        words[element >> 6] |= 1 << UInt64(element & 63)
    }

    package func clearAll() { words.update(repeating: 0, count: wordCount) }

    /// Keeps the bits that are set in both.
    package func formIntersection(_ other: ValidityBitmap) {
        for word in 0..<min(wordCount, other.wordCount) { words[word] &= other.words[word] }
    }

    /// The validity of a row-wise function that is NULL when any argument is: the intersection of the arguments' bits,
    /// nil when none has NULLs. `arguments` are flat or constant columns of `count` rows.
    package static func intersection(_ arguments: [Column], count: Int) -> ValidityBitmap? {
        var result: ValidityBitmap?
        for argument in arguments {
            guard let bits = argument.validity else { continue }
            if argument.isConstant {
                guard !bits[0] else { continue }
                let none = ValidityBitmap(count: count)
                none.clearAll()
                return none
            }
            if let result {
                result.formIntersection(bits)
            } else {
                result = ValidityBitmap(copying: bits)
            }
        }
        return result
    }
}
