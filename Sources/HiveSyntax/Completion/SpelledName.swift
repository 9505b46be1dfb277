extension Identifier {
    /// `name` as a statement has to spell it: in back quotes where it would be read as something else.
    /// - Parameter isQuoted: whether it stands in them in any case.
    package static func spelling(of name: String, isQuoted: Bool = false) -> String {
        let bytes = Array(name.utf8)
        let isPlain =
            bytes.first.map(isLetter) == true && bytes.allSatisfy(isWordByte)
            && KeywordTable.shared.keyword(bytes[...])?.isReserved != true
        if isPlain, !isQuoted { return name }
        return "`\(name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
    }
}
