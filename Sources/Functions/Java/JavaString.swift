import Columnar

// Methods of `java.lang.String`, whose places count in units of UTF-16.

private func units(_ text: String) -> [UInt16] { Array(text.utf16) }

private func place(of part: String, in text: String, isLast: Bool) -> Int32 {
    let whole = units(text), wanted = units(part)
    guard whole.count >= wanted.count else { return -1 }
    let places = 0...(whole.count - wanted.count)
    func isThere(_ start: Int) -> Bool { whole[start..<start + wanted.count].elementsEqual(wanted) }
    return Int32(truncatingIfNeeded: (isLast ? places.last(where: isThere) : places.first(where: isThere)) ?? -1)
}

private func part(_ text: String, _ start: Int32, _ end: Int32?) -> String? {
    let whole = units(text)
    let last = end.map { Int($0) } ?? whole.count
    guard start >= 0, start <= last, last <= whole.count else { return nil }
    return String(decoding: whole[Int(start)..<last], as: UTF16.self)
}

/// The difference of the first units that differ, else of the lengths.
private func difference(_ a: String, _ b: String) -> Int32 {
    let left = units(a), right = units(b)
    for (x, y) in zip(left, right) where x != y { return Int32(x) - Int32(y) }
    return Int32(truncatingIfNeeded: left.count - right.count)
}

private func areEqual(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

let javaStringMethods: [String: [JavaMethod]] = [
    "length": [JavaMethod { (x: String) -> Int32? in Int32(truncatingIfNeeded: x.utf16.count) }],
    "isEmpty": [JavaMethod { (x: String) -> Bool? in x.isEmpty }],
    "toString": [JavaMethod { (x: String) -> String? in x }],
    "toUpperCase": [JavaMethod { (x: String) -> String? in x.uppercased() }],
    "toLowerCase": [JavaMethod { (x: String) -> String? in x.lowercased() }],
    "trim": [JavaMethod { (x: String) -> String? in x.trimmingSpaces }],
    "concat": [JavaMethod { (x: String, y: String) -> String? in x + y }],
    "equals": [JavaMethod { (x: String, y: String) -> Bool? in areEqual(x, y) }],
    "equalsIgnoreCase": [JavaMethod { (x: String, y: String) -> Bool? in areEqual(x.lowercased(), y.lowercased()) }],
    "compareTo": [JavaMethod { (x: String, y: String) -> Int32? in difference(x, y) }],
    "compareToIgnoreCase": [JavaMethod { (x: String, y: String) -> Int32? in difference(x.lowercased(), y.lowercased()) }],
    "startsWith": [JavaMethod { (x: String, y: String) -> Bool? in x.utf8.starts(with: y.utf8) }],
    "endsWith": [JavaMethod { (x: String, y: String) -> Bool? in x.utf8.reversed().starts(with: y.utf8.reversed()) }],
    "contains": [JavaMethod { (x: String, y: String) -> Bool? in place(of: y, in: x, isLast: false) >= 0 }],
    "indexOf": [JavaMethod { (x: String, y: String) -> Int32? in place(of: y, in: x, isLast: false) }],
    "lastIndexOf": [JavaMethod { (x: String, y: String) -> Int32? in place(of: y, in: x, isLast: true) }],
    "substring": [
        JavaMethod { (x: String, start: Int32) -> String? in part(x, start, nil) },
        JavaMethod { (x: String, start: Int32, end: Int32) -> String? in part(x, start, end) },
    ],
]
