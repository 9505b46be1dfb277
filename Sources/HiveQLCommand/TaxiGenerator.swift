import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes trip and fare files in the shape of New York's public taxi records of 2013. The data are synthetic.
///
/// What people give as a tip depends on how they pay (cash tips are not recorded, as in the real files), on the fare,
/// the hour and chance; no column states the label. The same seed and row count give the same bytes on any machine.
struct TaxiGenerator {
    var rows: Int
    var seed: UInt64

    private static let monthShare = [14.8, 14.0, 15.7, 15.1, 15.3, 14.4, 13.8, 12.6, 14.1, 15.0, 14.4, 14.0]
    private static let daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    private static let hourWeight: [Double] = [
        4, 3, 2, 1.5, 1, 1, 2, 4, 5, 5, 4.5, 4.7, 5, 5, 5.2, 5, 4.2, 5, 6, 6.3, 6, 5.8, 5.6, 5,
    ]
    private static let tripHeader =
        "medallion,hack_license,vendor_id,rate_code,store_and_fwd_flag,pickup_datetime,dropoff_datetime,"
        + "passenger_count,trip_time_in_secs,trip_distance,pickup_longitude,pickup_latitude,dropoff_longitude,"
        + "dropoff_latitude\n"
    private static let fareHeader =
        "medallion,hack_license,vendor_id,pickup_datetime,payment_type,fare_amount,surcharge,mta_tax,tip_amount,"
        + "tolls_amount,total_amount\n"

    /// Writes `trip_data_M.csv` and `trip_fare_M.csv` for the months 1…12 into `folder`, which is made if need be.
    /// - Parameter progress: called after each month with the rows written so far.
    func write(to folder: String, progress: (Int) -> Void = { _ in }) throws {
        try SystemFiles.makeFolder(folder)
        var random = RandomStream(seed: seed)
        let cabs = (0..<max(40, min(13_400, rows / 60))).map { _ in Self.name(&random) }
        let drivers = (0..<max(100, min(33_000, rows / 24))).map { _ in Self.name(&random) }
        let total = Self.monthShare.reduce(0, +)
        var written = 0
        for month in 1...12 {
            let share = Self.monthShare[month - 1] / total
            let count = month == 12 ? rows - written : Int(Double(rows) * share)
            let (trips, fares) = makeMonth(month, count, cabs, drivers, &random)
            try FileReplacement.write(trips, to: "\(folder)/trip_data_\(month).csv")
            try FileReplacement.write(fares, to: "\(folder)/trip_fare_\(month).csv")
            written += count
            progress(written)
        }
    }

    private static func name(_ random: inout RandomStream) -> String {
        let high = String(random.next(), radix: 16, uppercase: true)
        let low = String(random.next(), radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - high.count) + high + String(repeating: "0", count: 16 - low.count) + low
    }

    private func makeMonth(
        _ month: Int, _ count: Int, _ cabs: [String], _ drivers: [String], _ random: inout RandomStream
    ) -> (trips: [UInt8], fares: [UInt8]) {
        let hours = Self.hourWeight.reduce(into: [Double]()) { $0.append(($0.last ?? 0) + $1) }
        let seconds = (0..<count).map { _ -> Int in
            let day = Int(random.uniform() * Double(Self.daysInMonth[month - 1]))
            let draw = random.uniform() * (hours.last ?? 1)
            let hour = hours.firstIndex { draw < $0 } ?? 23
            return day * 86_400 + hour * 3_600 + Int(random.uniform() * 3_600)
        }.sorted()
        var trips = Array(Self.tripHeader.utf8)
        var fares = Array(Self.fareHeader.utf8)
        trips.reserveCapacity(count * 200)
        fares.reserveCapacity(count * 150)
        for start in seconds {
            let trip = Trip(month: month, start: start, cabs: cabs, drivers: drivers, &random)
            trips.append(contentsOf: trip.tripLine.utf8)
            fares.append(contentsOf: trip.fareLine.utf8)
        }
        return (trips, fares)
    }
}

/// One ride with all that both files say of it.
private struct Trip {
    let tripLine: String
    let fareLine: String

    init(month: Int, start: Int, cabs: [String], drivers: [String], _ random: inout RandomStream) {
        let hour = start % 86_400 / 3_600
        let distance = (min(max(exp(random.normal() * 0.8 + 0.55), 0.05), 60) * 100).rounded() / 100
        let slowness = hour >= 7 && hour < 19 ? 250.0 : 170.0
        let duration = Int(min(max(distance * slowness * (0.7 + 0.6 * random.uniform()) + 60, 30), 10_800))
        let fare = ((2.5 + 2 * distance + Double(duration) / 150) * 2).rounded() / 2
        let surcharge = hour >= 20 || hour < 6 ? 0.5 : hour >= 16 ? 1.0 : 0.0
        let tolls = distance > 8 && random.uniform() < 0.3 ? 4.8 : 0.0
        let isCard = random.uniform() < 0.5 + min(0.25, distance / 60)
        let oddPayment = random.uniform()
        let payment = isCard ? "CRD" : oddPayment < 0.965 ? "CSH" : oddPayment < 0.985 ? "NOC" : "UNK"
        let tip = Trip.tip(isCard, fare: fare + surcharge, hour: hour, distance: distance, &random)

        let isLost = random.uniform() < 0.018
        let angle = random.uniform() * 2 * Double.pi
        let longitude = -73.98 + random.normal() * 0.03
        let latitude = 40.75 + random.normal() * 0.03
        let straight = distance * (0.7 + 0.15 * random.uniform())
        let dropLongitude = longitude + cos(angle) * straight / 52.3
        let dropLatitude = latitude + sin(angle) * straight / 69
        let vendor = random.uniform() < 0.51 ? "CMT" : "VTS"
        let flag = vendor == "VTS" ? "" : random.uniform() < 0.02 ? "Y" : "N"
        let oddRate = random.uniform()
        let rate = oddRate < 0.975 ? 1 : oddRate < 0.993 ? 2 : oddRate < 0.996 ? 3 : oddRate < 0.998 ? 4 : 5
        let crowd = random.uniform()
        let passengers = crowd < 0.7 ? 1 : crowd < 0.84 ? 2 : crowd < 0.885 ? 3 : crowd < 0.905 ? 4 : crowd < 0.965 ? 5 : 6

        let cab = cabs[Trip.busy(cabs.count, &random)]
        let driver = drivers[Trip.busy(drivers.count, &random)]
        let pickup = Trip.stamp(month: month, second: start)
        let dropoff = Trip.stamp(month: month, second: start + duration)
        func place(_ value: Double) -> String { isLost ? "0" : Trip.fixed(value, 6) }
        func money(_ value: Double) -> String { Trip.fixed(value, 2) }
        tripLine =
            "\(cab),\(driver),\(vendor),\(rate),\(flag),\(pickup),\(dropoff),\(passengers),\(duration),"
            + "\(money(distance)),\(place(longitude)),\(place(latitude)),\(place(dropLongitude)),\(place(dropLatitude))\n"
        let sum = fare + surcharge + 0.5 + tip + tolls
        fareLine =
            "\(cab),\(driver),\(vendor),\(pickup),\(payment),\(money(fare)),\(money(surcharge)),0.5,\(money(tip)),"
            + "\(money(tolls)),\(money(sum))\n"
    }

    /// Dollars: nearly all who pay by card tip, about a fifth of the fare, more freely at night.
    private static func tip(
        _ isCard: Bool, fare: Double, hour: Int, distance: Double, _ random: inout RandomStream
    ) -> Double {
        let mood = random.uniform()
        guard isCard else { return mood < 0.004 ? 1 : 0 }
        if mood < 0.035 { return 0 }
        let usual = hour >= 19 || hour < 4 ? 0.215 : 0.19
        // The machine in the cab offers fixed shares; others give what they like.
        let share = mood < 0.6 ? usual : max(0.01, usual + random.normal() * 0.07)
        return (fare * share * 100).rounded() / 100
    }

    /// Some cabs and drivers are busier than others.
    private static func busy(_ count: Int, _ random: inout RandomStream) -> Int {
        min(count - 1, Int(pow(random.uniform(), 1.35) * Double(count)))
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 6 ? 1_000_000 : 100
        let units = Int((abs(value) * Double(scale)).rounded())
        var fraction = String(units % scale)
        fraction = String(repeating: "0", count: digits - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let sign = value < 0 && units > 0 ? "-" : ""
        return "\(sign)\(units / scale)" + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// `2013-MM-dd HH:mm:ss`; a second past the month's end runs into the next.
    private static func stamp(month: Int, second: Int) -> String {
        let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (2013, month, second / 86_400 + 1)
        if day > days[month - 1] {
            day -= days[month - 1]
            month += 1
            if month == 13 { (year, month) = (2014, 1) }
        }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let clock = second % 86_400
        return "\(year)-\(two(month))-\(two(day)) \(two(clock / 3_600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
    }
}

/// A stream of random numbers that is the same on every machine.
struct RandomStream {
    private var state: UInt64
    private var spareNormal: Double?

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        defer { state &+= SplitMix.step }
        return SplitMix.mix(state)
    }

    /// In [0, 1).
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal, by the polar method.
    mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let s = x * x + y * y
            guard s < 1, s > 0 else { continue }
            let factor = (-2 * log(s) / s).squareRoot()
            spareNormal = y * factor
            return x * factor
        }
    }
}
