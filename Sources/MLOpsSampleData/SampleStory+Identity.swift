import Foundation
import MLOpsCore

/// The users of the sample.
enum SamplePerson: String {
    case admin = "Amara Okafor"
    case dataScientist = "Daniel Lindqvist"
    case engineer = "Mei Tanaka"

    var firstName: String { String(rawValue.prefix { $0 != " " }) }
    var lastName: String { String(rawValue.drop { $0 != " " }.dropFirst()) }

    /// An address in a reserved domain (RFC 2606).
    var email: String { "\(rawValue.lowercased().replacing(" ", with: "."))@acme-ml.example" }
}

extension SampleStory {
    struct Projects {
        let fraud: Identifier<Project>
        let recommendations: Identifier<Project>
    }

    /// Makes the organization and its three users.
    mutating func makePeople() throws {
        let founded = time(-60, 9)
        try insertUser(admin, .admin, by: nil, at: founded)
        try insertUser(scientist, .dataScientist, by: admin, at: time(-59, 10))
        try insertUser(engineer, .engineer, by: admin, at: time(-59, 10, 15))
        try system(founded).organizations.insert(
            Organization(
                id: organization, name: "Acme ML Corp", slug: SampleData.slug,
                description: "A made-up company that detects fraud and recommends products.",
                billingEmail: "billing@acme-ml.example", subscriptionPlan: .professional,
                maxUsers: 25, maxProjects: 20, maxModels: 100,
                settings: [
                    SampleData.marker: [
                        "seed": .string(String(seed)), "start": .string(start.formatted(.iso8601)),
                    ]
                ],
                createdBy: admin, createdAt: founded))
        try insertMembership(admin, role: .owner, invitedBy: nil, at: founded)
        try insertMembership(scientist, role: .member, invitedBy: admin, at: time(-59, 11))
        try insertMembership(engineer, role: .member, invitedBy: admin, at: time(-59, 11, 30))
    }

    private mutating func insertUser(
        _ id: Identifier<User>, _ person: SamplePerson, by maker: Identifier<User>?, at date: Date
    ) throws {
        try system(date).users.insert(
            User(
                id: id, email: person.email, firstName: person.firstName,
                lastName: person.lastName, isVerified: true, createdBy: maker, createdAt: date))
    }

    private mutating func insertMembership(
        _ user: Identifier<User>, role: OrganizationRole, invitedBy: Identifier<User>?,
        at date: Date
    ) throws {
        try insert(
            OrganizationMembership(
                id: id(date), user: user, role: role, invitedBy: invitedBy, joinedAt: date,
                createdAt: date),
            by: admin)
    }

    /// Makes the two projects and their members.
    mutating func makeProjects() throws -> Projects {
        let fraud = try insert(
            Project(
                id: id(time(-58, 9)), name: "Fraud Detection",
                description: "Scores card payments as they happen.", visibility: .organization,
                createdAt: time(-58, 9)),
            by: admin)
        let recommendations = try insert(
            Project(
                id: id(time(-58, 14)), name: "Product Recommendations",
                description: "Chooses the products that a customer sees first.",
                createdAt: time(-58, 14)),
            by: scientist)
        for (project, roles) in [
            (
                fraud,
                [(admin, ProjectRole.owner), (scientist, .contributor), (engineer, .maintainer)]
            ),
            (recommendations, [(scientist, .owner), (engineer, .contributor), (admin, .viewer)]),
        ] {
            for (user, role) in roles {
                let date = project.createdAt.addingTimeInterval(600)
                try insert(
                    ProjectMember(
                        id: id(date), project: project.id, user: user, role: role, createdAt: date),
                    by: project.createdBy)
            }
        }
        return Projects(fraud: fraud.id, recommendations: recommendations.id)
    }
}
