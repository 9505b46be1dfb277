
/// `hiveql generate`: makes taxi files to try things on.
enum GenerateCommand {
    static let help = """
        usage: hiveql generate FOLDER [--rows N] [--seed N]

        Writes trip_data_M.csv and trip_fare_M.csv for the months 1 to 12 into FOLDER, in the shape of New York's
        public taxi records of 2013. The data are synthetic; the same seed and row count give the same bytes.

            --rows <N>     Trips in all (default 100000)
            --seed <N>     Seed of the random numbers (default 7)
        """

    static func run(_ arguments: [String]) -> Int32 {
        var folder: String?
        var rows = 100_000
        var seed = 7
        var reader = ArgumentReader(arguments)
        do {
            folder = reader.positional()
            while let name = try reader.nextOption() {
                switch name {
                case "--rows": rows = try reader.integer(of: name)
                case "--seed": seed = try reader.integer(of: name)
                case "-H", "--help", "-help":
                    Console.print(help)
                    return 0
                default: throw UsageError("Unrecognized option: \(name)")
                }
                folder = folder ?? reader.positional()
            }
            guard let folder else { throw UsageError("generate needs a folder to write to") }
            guard (1...1_000_000_000).contains(rows) else {
                throw UsageError("--rows takes a number from 1 to 1000000000")
            }
            let generator = TaxiGenerator(rows: rows, seed: UInt64(bitPattern: Int64(seed)))
            let showsProgress = Console.errorIsTerminal
            try generator.write(to: folder) { written in
                if showsProgress { Console.status("\r\(written) of \(rows) trips") }
            }
            if showsProgress { Console.status("\r\u{1B}[K") }
            Console.error("Wrote \(rows) trips in 12 months to \(folder)")
            return 0
        } catch let error as UsageError {
            Console.error("hiveql generate: \(error)\nTry 'hiveql generate --help'.")
            return 1
        } catch {
            Console.error("hiveql generate: \(error)")
            return 1
        }
    }
}
