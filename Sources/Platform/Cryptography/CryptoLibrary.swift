/// The functions of OpenSSL's libcrypto that are used here, found in the library at its first use.
struct CryptoLibrary: Sendable {
    typealias Context = OpaquePointer
    typealias Bytes = UnsafePointer<UInt8>
    typealias MutableBytes = UnsafeMutablePointer<UInt8>
    /// 1: done.
    typealias Status = CInt
    typealias Fetch = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> OpaquePointer?
    typealias Free = @convention(c) (OpaquePointer?) -> Void

    let contextNew: @convention(c) () -> Context?
    let contextFree: @convention(c) (Context?) -> Void
    let digestInit: @convention(c) (Context?, OpaquePointer?, OpaquePointer?) -> Status
    let digestUpdate: @convention(c) (Context?, UnsafeRawPointer?, Int) -> Status
    let digestFinal: @convention(c) (Context?, MutableBytes?, UnsafeMutablePointer<CUnsignedInt>?) -> Status
    /// Of version 3; version 1.1 has `digestNamed`, whose results are never freed.
    let digestFetch: Fetch?
    let digestFree: Free?
    let digestNamed: @convention(c) (UnsafePointer<CChar>?) -> OpaquePointer?

    let cipherContextNew: @convention(c) () -> Context?
    let cipherContextFree: @convention(c) (Context?) -> Void
    let cipherInit: @convention(c) (Context?, OpaquePointer?, OpaquePointer?, Bytes?, Bytes?, CInt) -> Status
    let cipherUpdate: @convention(c) (Context?, MutableBytes?, UnsafeMutablePointer<CInt>?, Bytes?, CInt) -> Status
    let cipherFinal: @convention(c) (Context?, MutableBytes?, UnsafeMutablePointer<CInt>?) -> Status
    let cipherNamed: @convention(c) (UnsafePointer<CChar>?) -> OpaquePointer?

    private static let opened = Result { try CryptoLibrary() }

    /// The library, opened once a process.
    /// - Throws: `CryptoError.missing`, which names the package to install.
    static func shared() throws -> CryptoLibrary { try opened.get() }

    private init() throws {
        #if os(macOS)
        // The system's own file aborts programs that open it.
        let names = ["/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib"]
        let package = "brew install openssl@3"
        #else
        let names = ["libcrypto.so.3", "libcrypto.so.1.1"]
        let package = "apt-get install libssl3"
        #endif
        guard let library = DynamicLibrary(anyOf: names) else {
            throw CryptoError.missing("digests and AES need OpenSSL's libcrypto, which cannot be loaded: \(package)")
        }
        func find<Symbol>(_ name: String, as type: Symbol.Type = Symbol.self) throws -> Symbol {
            guard let symbol = library.symbol(name, as: type) else {
                throw CryptoError.missing("\(library.name) has no \(name): \(package)")
            }
            return symbol
        }
        contextNew = try find("EVP_MD_CTX_new")
        contextFree = try find("EVP_MD_CTX_free")
        digestInit = try find("EVP_DigestInit_ex")
        digestUpdate = try find("EVP_DigestUpdate")
        digestFinal = try find("EVP_DigestFinal_ex")
        digestFetch = library.symbol("EVP_MD_fetch", as: Fetch.self)
        digestFree = library.symbol("EVP_MD_free", as: Free.self)
        digestNamed = try find("EVP_get_digestbyname")
        cipherContextNew = try find("EVP_CIPHER_CTX_new")
        cipherContextFree = try find("EVP_CIPHER_CTX_free")
        cipherInit = try find("EVP_CipherInit_ex")
        cipherUpdate = try find("EVP_CipherUpdate")
        cipherFinal = try find("EVP_CipherFinal_ex")
        cipherNamed = try find("EVP_get_cipherbyname")
    }
}

/// Why bytes were not digested or encrypted.
package enum CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The library is not there, or has not what is needed.
    case missing(String)
    case failed(String)

    package var description: String {
        switch self {
        case .missing(let reason), .failed(let reason): reason
        }
    }
}
