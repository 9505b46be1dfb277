import CZlib
import Columnar
import Platform

// Digests, checksums and encryption.

private let hexadecimalDigits: StaticString = "0123456789abcdef"

/// Appends the digest of `bytes` in hexadecimal.
private func append(_ digest: MessageDigest, of bytes: UnsafeBufferPointer<UInt8>, to buffer: ByteBuffer) throws {
    let size = digest.algorithm.byteCount
    let place = buffer.reserve(size * 2)
    // The digest stands in the second half; each byte is read before its two digits are written.
    try digest.digest(bytes, into: place + size)
    let digits = hexadecimalDigits.utf8Start
    for index in 0..<size {
        let byte = place[size + index]
        place[index * 2] = digits[Int(byte >> 4)]
        place[index * 2 + 1] = digits[Int(byte & 15)]
    }
    buffer.advance(size * 2)
}

/// The kernel of a function that gives the digest of its first argument.
func digestKernel(_ algorithm: MessageDigest.Algorithm) -> ScalarKernel {
    { input in
        let digest = try MessageDigest(algorithm)
        return try input.format(StringView.self) { text, buffer in
            try append(digest, of: text.bytes, to: buffer)
            return true
        }
    }
}

private func digestFunction(_ names: [String], _ algorithm: MessageDigest.Algorithm, _ usage: String) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage)) { call in
        try call.expect(1)
        try call.expectPrimitive(0)
        return ResolvedScalar(
            argumentTypes: [bytesType(call.argumentTypes[0])], resultType: .string, kernel: digestKernel(algorithm))
    }
}

/// The digests that `sha2` gives by their bits. Java, which Hive asks for `SHA-<bits>`, knows one of 1 bit: SHA-1.
private func algorithm(bits: Int32) -> MessageDigest.Algorithm? {
    switch bits {
    case 0, 256: .sha256
    case 1: .sha1
    case 224: .sha224
    case 384: .sha384
    case 512: .sha512
    default: nil
    }
}

private let sha2 = ScalarFunction(
    "sha2",
    documentation: FunctionDocumentation(
        "_FUNC_(str | bin, bits) - Returns the SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal; 0 means 256")
) { call in
    try call.expect(2)
    try call.expectPrimitives()
    try call.expectIntegral(1)
    return ResolvedScalar(argumentTypes: [bytesType(call.argumentTypes[0]), .int], resultType: .string) { input in
        var digest: MessageDigest?
        return try input.format(StringView.self, Int32.self) { text, bits, buffer in
            guard let wanted = algorithm(bits: bits) else { return false }
            let current: MessageDigest
            if let digest, digest.algorithm == wanted { current = digest } else { current = try MessageDigest(wanted) }
            digest = current
            try append(current, of: text.bytes, to: buffer)
            return true
        }
    }
}

private let crc32 = ScalarFunction(
    "crc32", documentation: FunctionDocumentation("_FUNC_(str | bin) - Returns the cyclic redundancy check value")
) { call in
    try call.expect(1)
    try call.expectPrimitive(0)
    return ResolvedScalar(argumentTypes: [bytesType(call.argumentTypes[0])], resultType: .bigint) { input in
        input.compute(.bigint) { (text: StringView) -> Int64? in Int64(crc32_z(0, text.pointer, text.count)) }
    }
}

private func resolveAES(_ call: FunctionCall, encrypting: Bool) throws -> ResolvedScalar {
    try call.expect(2)
    try call.expectPrimitives()
    for (index, type) in call.argumentTypes.enumerated() {
        let isText = type.isCharacter && (encrypting || index == 1)
        guard type == .binary || isText else {
            throw call.mismatch(index, encrypting || index == 1 ? "STRING_GROUP, BINARY_GROUP" : "BINARY_GROUP")
        }
    }
    return ResolvedScalar(argumentTypes: call.argumentTypes.map(bytesType), resultType: .binary) { input in
        let cipher = try AESCipher()
        let heap = StringHeap()
        return try input.compute(.binary, heap: heap) { (text: StringView, key: StringView) -> StringView? in
            let room = AESCipher.capacity(for: text.count)
            let place = heap.allocate(room)
            let count = try cipher.apply(encrypting: encrypting, text.bytes, key: key.bytes, into: place)
            heap.giveBack(room - (count ?? 0))
            return count.map { StringView(place, length: $0) }
        }
    }
}

let digestFunctions: [ScalarFunction] = [
    digestFunction(["md5"], .md5, "_FUNC_(str | bin) - Returns the MD5 digest in hexadecimal"),
    digestFunction(["sha1", "sha"], .sha1, "_FUNC_(str | bin) - Returns the SHA-1 digest in hexadecimal"),
    sha2, crc32,
    ScalarFunction(
        "aes_encrypt",
        documentation: FunctionDocumentation(
            "_FUNC_(input string/binary, key string/binary) - Encrypts input by AES",
            extended: "Keys have 128, 192 or 256 bits; with another key the value is NULL.\nExample:\n"
                + "  > SELECT base64(_FUNC_('ABC', '1234567890123456'));\n  'y6Ss+zCYObpCbgfWfyNWTw=='")
    ) { try resolveAES($0, encrypting: true) },
    ScalarFunction(
        "aes_decrypt",
        documentation: FunctionDocumentation(
            "_FUNC_(input binary, key string/binary) - Decrypts input by AES",
            extended: "Keys have 128, 192 or 256 bits; with another key, and for what was not encrypted with it, the value "
                + "is NULL.\nExample:\n"
                + "  > SELECT _FUNC_(unbase64('y6Ss+zCYObpCbgfWfyNWTw=='), '1234567890123456');\n  'ABC'")
    ) { try resolveAES($0, encrypting: false) },
]
