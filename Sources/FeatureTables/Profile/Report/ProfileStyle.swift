/// What only a profile's page has.
enum ProfileStyle {
    static let sheet = """
        .heat text{fill:var(--ink);font-size:11px}.heat .against{fill:var(--red)}.heat .none{fill:var(--none)}\
        .heat .value{font-size:10px}.heat .value.strong{fill:#fff}
        @media(prefers-color-scheme:dark){.heat .value.strong{fill:#10131a}}
        """
}
