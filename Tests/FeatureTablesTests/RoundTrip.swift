#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

func roundTrip<T: Codable>(_ value: T) throws -> T {
    try JSONDecoder().decode(T.self, from: try JSONEncoder().encode(value))
}

func decoded<T: Decodable>(_: T.Type, _ json: String) throws -> T { try JSONDecoder().decode(T.self, from: Data(json.utf8)) }
