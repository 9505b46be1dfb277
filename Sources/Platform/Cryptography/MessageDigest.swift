/// A digest of byte strings, by libcrypto. One instance serves many texts, one after the other.
package final class MessageDigest {
    package enum Algorithm: String, Sendable, CaseIterable {
        case md5 = "MD5"
        case sha1 = "SHA1"
        case sha224 = "SHA224"
        case sha256 = "SHA256"
        case sha384 = "SHA384"
        case sha512 = "SHA512"

        package var byteCount: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha224: 28
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    package let algorithm: Algorithm
    private let crypto: CryptoLibrary
    private let context: CryptoLibrary.Context
    private let method: OpaquePointer

    /// - Throws: `CryptoError` when the library is missing or refuses the algorithm.
    package init(_ algorithm: Algorithm) throws {
        crypto = try CryptoLibrary.shared()
        self.algorithm = algorithm
        let name = algorithm.rawValue
        guard let method = crypto.digestFetch.map({ $0(nil, name, nil) }) ?? crypto.digestNamed(name) else {
            throw CryptoError.failed("the machine's libcrypto refuses \(name)")
        }
        self.method = method
        guard let context = crypto.contextNew() else {
            if crypto.digestFetch != nil { crypto.digestFree?(method) }
            throw CryptoError.failed("libcrypto has no memory")
        }
        self.context = context
    }

    deinit {
        crypto.contextFree(context)
        if crypto.digestFetch != nil { crypto.digestFree?(method) }
    }

    /// Writes the digest of `bytes`, `algorithm.byteCount` bytes.
    package func digest(_ bytes: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) throws {
        guard crypto.digestInit(context, method, nil) == 1,
            crypto.digestUpdate(context, bytes.baseAddress, bytes.count) == 1,
            crypto.digestFinal(context, target, nil) == 1
        else { throw CryptoError.failed("libcrypto cannot compute \(algorithm.rawValue)") }
    }

    /// The digest of bytes that are at hand whole.
    package static func digest(_ bytes: [UInt8], _ algorithm: Algorithm) throws -> [UInt8] {
        let digest = try MessageDigest(algorithm)
        return try bytes.withUnsafeBufferPointer { bytes in
            try [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { target, count in
                guard let base = target.baseAddress else { return }
                try digest.digest(bytes, into: base)
                count = algorithm.byteCount
            }
        }
    }
}
