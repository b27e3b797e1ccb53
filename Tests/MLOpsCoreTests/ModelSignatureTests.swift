import Foundation
import MLOpsCore
import Testing

/// The signature of a model: its JSON, and what it finds wrong.
@Suite struct ModelSignatureTests {
    private struct Row: Encodable, Sendable {
        var age: Int?
        var income: Double
        var name = "ada"
    }

    private let columns = ModelSignature(
        inputs: .columns([
            .init("age", .integer), .init("income", .double, isRequired: false),
            .init("name", .string, isRequired: false),
        ]),
        outputs: .tensors([.init("score", .float32, shape: [-1, 2])]),
        params: [.init("threshold", .float, default: 0.5), .init("labels", .long, shape: [-1])])

    private func words(_ mismatches: [SignatureMismatch]) -> [String] {
        mismatches.map(\.description)
    }

    @Test func rowsThatFit() throws {
        #expect(try columns.check([Row(age: 1, income: 2), Row(age: -7, income: .nan)]) == [])
        #expect(try columns.check([["age": 1]]) == [])
        #expect(try columns.check([["age": JSONValue.double(3)]]) == [])
        let bare: [[String: JSONValue]] = [["age": 1, "income": nil, "name": "x"]]
        #expect(try columns.check(bare) == [])
        #expect(try columns.check([Row]()) == [])
    }

    @Test func everyMismatchIsTold() throws {
        let rows: [[String: JSONValue]] = [
            ["age": 1], ["age": 1.5, "income": "1"], ["income": true], ["age": nil],
            ["age": 3_000_000_000, "extra": 1], ["age": "1", "name": 1], ["age": 2.5],
        ]
        #expect(
            try words(columns.check(rows)) == [
                "age: a fraction is not an integer (2 rows, the first is 1)",
                "income: a text is not a double (row 1)", "age: is missing (row 2)",
                "income: a truth value is not a double (row 2)",
                "age: null is not an integer (row 3)",
                "age: a whole number of more than 32 bits is not an integer (row 4)",
                "extra: the model has no such column (row 4)",
                "age: a text is not an integer (row 5)",
                "name: a whole number is not a string (row 5)",
            ])
        #expect(
            try words(columns.check([1, 2]))
                == ["a whole number is not a row of named columns (2 rows, the first is 0)"])
        #expect(
            words(columns.check([ModelSignature.Tensor(.float32, shape: [1])]))
                == ["the signature has columns; check rows"])
    }

    @Test(
        arguments: [
            (ModelSignature.ValueType.boolean, [true, false], [0, 1, "true", []]),
            (.integer, [0, -2_147_483_648, 2.0], [2_147_483_648, 1.5, "1", true, "NaN"]),
            (.long, [JSONValue.int(.max), 1e15], [1e20, 0.5, "1", false]),
            (
                .float, [0.1, 16_777_216, "NaN", "-Infinity", 3e38],
                [16_777_217, 1e39, "0.1", true]
            ),
            (
                .double, [1e300, 9_007_199_254_740_992, "Infinity"],
                [9_007_199_254_740_993, "1", [:]]
            ),
            (.string, ["", "NaN"], [1, true, [:]]),
            (.binary, ["", "aGk="], ["?", 1]),
            (
                .datetime, ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456Z"],
                ["2026", 1, true]
            ),
            (.any, [1, "x", [], [:], true], []),
        ] as [(ModelSignature.ValueType, [JSONValue], [JSONValue])])
    func typesOfValues(
        type: ModelSignature.ValueType, fits: [JSONValue], others: [JSONValue]
    ) throws {
        let schema = ModelSignature.Side.columns([.init(nil, type)])
        for value in fits { #expect(try schema.check([value]) == [], "\(value)") }
        for value in others { #expect(try schema.check([value]).count == 1, "\(value)") }
        #expect(try schema.check([JSONValue.null]).count == 1)
    }

    @Test func encodedValuesFit() throws {
        struct Reading: Encodable {
            var at = Date(timeIntervalSince1970: 0.5), bytes = Data([1, 2])
        }
        let schema = ModelSignature.Side.columns([
            .init("at", .datetime), .init("bytes", .binary),
        ])
        #expect(try schema.check([Reading()]) == [])
    }

    @Test func shapes() {
        let images = ModelSignature(inputs: .tensors([.init(.float32, shape: [nil, 28, 28])]))
        let tensor = { ModelSignature.Tensor("x", $0, shape: $1) }
        #expect(images.check([tensor(.float32, [5, 28, 28])]) == [])
        #expect(
            words(images.check([tensor(.float64, [5, 28])])) == [
                "float64 is not float32", "the shape [5, 28] is not [any, 28, 28]",
            ])
        #expect(words(images.check([])) == ["one tensor is expected, not 0"])
        let pair = ModelSignature(
            inputs: .tensors([.init("a", .int64, shape: [2]), .init("b", "<U5", shape: [])]))
        #expect(
            words(pair.check([tensor(.int64, [2]), .init("a", .int64, shape: [3])])) == [
                "a: the shape [3] is not [2]", "b: is missing", "x: the model has no such tensor",
            ])
    }

    @Test func parameters() throws {
        #expect(try columns.check(params: ["threshold": 0.25]) == [])
        #expect(try columns.check(params: [String: Int]()) == [])
        let wrong: [String: JSONValue] = [
            "threshold": "high", "other": 1, "labels": [1, "2", "3"],
        ]
        #expect(
            try words(columns.check(params: wrong)) == [
                "labels: a text is not a long", "other: the model has no such parameter",
                "threshold: a text is not a float",
            ])
        #expect(try columns.check(params: [1]).count == 1)
    }

    @Test func theJSONIsReadBack() throws {
        #expect(try ModelSignature(json: columns.json) == columns)
        let data = try JSONEncoder().encode(columns)
        #expect(try JSONDecoder().decode(ModelSignature.self, from: data) == columns)
        #expect(columns.json["outputs"]?[0]?["tensor-spec"]?["shape"] == [-1, 2])
        let version = ModelVersion(
            model: Identifier(), version: "1", modelSchema: columns.json)
        #expect(try version.signature() == columns)
        #expect(try ModelVersion(model: Identifier(), version: "1").signature() == nil)
    }

    @Test func theFormOfMLflowIsRead() throws {
        let mlflow: JSONValue = [
            "inputs": .string(
                """
                [{"type": "double", "name": "x", "required": true}, \
                {"type": "long", "name": "n", "required": false}]
                """),
            "outputs": .string(
                """
                [{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]
                """),
            "params": .string(
                #"[{"name": "t", "dtype": "float", "default": 0.5, "shape": null}]"#),
        ]
        #expect(
            try ModelSignature(json: mlflow)
                == ModelSignature(
                    inputs: .columns([.init("x", .double), .init("n", .long, isRequired: false)]),
                    outputs: .tensors([.init(.int64, shape: [nil])]),
                    params: [.init("t", .float, default: 0.5)]))
    }

    @Test(
        arguments: [
            [:], ["inputs": "x"], ["inputs": 1], ["inputs": [["name": "x"]]],
            ["inputs": [["name": "x", "type": "array"]]],
            ["inputs": [["name": "x", "type": "long"], ["name": "x", "type": "long"]]],
            ["inputs": [["type": "long"], ["name": "x", "type": "long"]]],
            ["inputs": [["type": "tensor"]]],
            ["inputs": [["type": "long"], ["type": "tensor"]]],
            [
                "inputs": [
                    ["type": "tensor", "tensor-spec": ["dtype": "int8", "shape": ["x"]]]
                ]
            ],
            ["inputs": [], "params": [["type": "long"]]],
        ] as [JSONValue])
    func otherFormsAreRefused(json: JSONValue) {
        let error = #expect(throws: StoreError.self) { try ModelSignature(json: json) }
        #expect(error?.code == .corrupt && error?.field == "model_schema")
    }
}
