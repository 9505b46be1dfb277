/// AES in the mode that Java calls `AES/ECB/PKCS5Padding`, by libcrypto. One instance serves many texts, one after the
/// other.
package final class AESCipher {
    private let crypto: CryptoLibrary
    private let context: CryptoLibrary.Context

    /// - Throws: `CryptoError` when the library is missing.
    package init() throws {
        crypto = try CryptoLibrary.shared()
        guard let context = crypto.cipherContextNew() else { throw CryptoError.failed("libcrypto has no memory") }
        self.context = context
    }

    deinit { crypto.cipherContextFree(context) }

    /// Bytes that the result of `byteCount` bytes needs at most.
    package static func capacity(for byteCount: Int) -> Int { byteCount + 32 }

    /// Writes the encrypted (or decrypted) bytes and returns their number; nil when the key has no 16, 24 or 32 bytes, or
    /// the bytes were not encrypted with it.
    /// - Precondition: `target` has room for `capacity(for: bytes.count)` bytes.
    package func apply(
        encrypting: Bool, _ bytes: UnsafeBufferPointer<UInt8>, key: UnsafeBufferPointer<UInt8>,
        into target: UnsafeMutablePointer<UInt8>
    ) throws -> Int? {
        guard [16, 24, 32].contains(key.count) else { return nil }
        guard bytes.count < Int(CInt.max) - 32 else { throw CryptoError.failed("a text of two gigabytes or more for AES") }
        guard let cipher = crypto.cipherNamed("AES-\(key.count * 8)-ECB") else {
            throw CryptoError.failed("the machine's libcrypto refuses AES")
        }
        guard crypto.cipherInit(context, cipher, nil, key.baseAddress, nil, encrypting ? 1 : 0) == 1 else {
            throw CryptoError.failed("libcrypto cannot compute AES")
        }
        var written: CInt = 0
        var rest: CInt = 0
        var nothing: UInt8 = 0
        let isUpdated = withUnsafePointer(to: &nothing) {
            crypto.cipherUpdate(context, target, &written, bytes.baseAddress ?? $0, CInt(bytes.count)) == 1
        }
        guard isUpdated else { throw CryptoError.failed("libcrypto cannot compute AES") }
        guard crypto.cipherFinal(context, target + Int(written), &rest) == 1 else { return nil }
        return Int(written) + Int(rest)
    }
}
