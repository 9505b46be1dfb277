import Platform
import Testing

@Suite struct CryptographyTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The examples of RFC 1321 and FIPS 180-4 for "abc".
    @Test(arguments: [
        (MessageDigest.Algorithm.md5, "900150983cd24fb0d6963f7d28e17f72"),
        (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
        (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
        (.sha512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
    ]) func digestsOfTheStandards(_ algorithm: MessageDigest.Algorithm, _ expected: String) throws {
        #expect(hexadecimal(try MessageDigest.digest(Array("abc".utf8), algorithm)) == expected)
    }

    @Test func anInstanceServesManyTexts() throws {
        let digest = try MessageDigest(.sha256)
        for text in ["", "a", String(repeating: "x", count: 1000), "a", ""] {
            let bytes = Array(text.utf8)
            var found = [UInt8](repeating: 0, count: 32)
            try bytes.withUnsafeBufferPointer { try digest.digest($0, into: &found) }
            #expect(found == (try MessageDigest.digest(bytes, .sha256)))
        }
        #expect(
            hexadecimal(try MessageDigest.digest([], .sha256))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test(arguments: [16, 24, 32]) func aesThereAndBack(_ keySize: Int) throws {
        let cipher = try AESCipher()
        func apply(_ encrypting: Bool, _ bytes: [UInt8], _ key: [UInt8]) throws -> [UInt8]? {
            var target = [UInt8](repeating: 0, count: AESCipher.capacity(for: bytes.count))
            let count = try bytes.withUnsafeBufferPointer { bytes in
                try key.withUnsafeBufferPointer { key in try cipher.apply(encrypting: encrypting, bytes, key: key, into: &target) }
            }
            return count.map { Array(target.prefix($0)) }
        }
        let key = Array("12345678901234567890123456789012".utf8.prefix(keySize))
        for size in [0, 1, 15, 16, 17, 1000] {
            let text = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            let encrypted = try #require(try apply(true, text, key))
            #expect(encrypted.count == (size / 16 + 1) * 16)
            #expect(try apply(false, encrypted, key) == text)
            #expect(try apply(false, Array(encrypted.dropLast()), key) == nil)
        }
        #expect(try apply(true, [1], Array(key.dropLast())) == nil)
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")])
    func examplesOfTheStandard(_ text: String, _ coded: String) {
        var written: [UInt8] = []
        Array(text.utf8).withUnsafeBufferPointer { Base64.encode($0) { written.append($0) } }
        #expect(String(decoding: written, as: UTF8.self) == coded)
        #expect(decoded(coded) == text)
    }

    /// As Hive's `unbase64` reads them.
    @Test(arguments: [("YQ==YQ==", "a"), ("YQ", "a"), ("Y Q = =", "a"), ("Y", ""), ("YW*I=", "ab"), ("====", ""), ("_-8", "\u{FFFD}\u{FFFD}")])
    func looseTexts(_ coded: String, _ text: String) { #expect(decoded(coded) == text) }

    private func decoded(_ coded: String) -> String {
        let bytes = Array(coded.utf8)
        var target = [UInt8](repeating: 0, count: bytes.count)
        let count = bytes.withUnsafeBufferPointer { Base64.decode($0, into: &target) }
        return String(decoding: target.prefix(count), as: UTF8.self)
    }
}
