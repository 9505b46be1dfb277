#if os(Linux)
import TestSupport

extension RandomSource {
    /// Spoils a file in one to three places: cut, a bit turned, bytes lost, doubled, put behind or replaced.
    mutating func damage(_ bytes: inout [UInt8]) {
        for _ in 0..<(1 + below(3)) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(6) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes[place] ^= UInt8(1 << below(8))
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: bytes[below(place + 1)..<place], at: place)
            case 4: bytes.append(contentsOf: chance(50) ? [0, 0, 0, 0] : Array("garbage".utf8))
            default: bytes[place] = UInt8(below(256))
            }
        }
    }
}
#endif
