import Platform

/// A codec's library, opened when a file first needs it.
struct CompressionLibrary {
    private let library: DynamicLibrary
    private let package: String

    /// - Parameters:
    ///   - codec: what the error calls it.
    ///   - name: of the shared library as Linux has it, with its version.
    ///   - debian: the package that has it.
    ///   - brew: the formula that has it, and the name of its library.
    init(codec: String, name: String, debian: String, brew: (formula: String, library: String)) throws {
        #if os(macOS)
        let names = ["/opt/homebrew/lib/\(brew.library)", "/usr/local/lib/\(brew.library)", "/usr/lib/\(brew.library)"]
        package = "brew install \(brew.formula)"
        #else
        let names = [name]
        package = "apt-get install \(debian)"
        #endif
        guard let library = DynamicLibrary(anyOf: names) else {
            throw BlockCodecError.missing("\(codec) needs the library \(name), which cannot be loaded: \(package)")
        }
        self.library = library
    }

    func find<Symbol>(_ name: String, as type: Symbol.Type = Symbol.self) throws -> Symbol {
        guard let symbol = library.symbol(name, as: type) else {
            throw BlockCodecError.missing("\(library.name) has no \(name): \(package)")
        }
        return symbol
    }
}
