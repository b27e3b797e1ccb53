/// The 19 tables, parents before children.
package enum Schema {
    package static let records: [any TableMapped.Type] = [
        User.self, Organization.self, OrganizationMembership.self, Project.self,
        ProjectMember.self, Model.self, Experiment.self, ExperimentRun.self, ModelVersion.self,
        RunMetric.self, Deployment.self, DeploymentHistoryEntry.self, ModelMonitoring.self,
        DataDriftReport.self, Alert.self, APIKey.self, NotificationChannel.self,
        NotificationRule.self, AuditLog.self,
    ]

    package static let tables: [Table] = records.map { $0.table }

    /// A table and the tables that its deletion and purge cascade to, parents before children.
    static func reachable(from root: Table) -> [Table] {
        if root.tenancy == .organizationItself {
            return [root] + tables.filter(\.isTenantOwned)
        }
        var names: Set = [root.name]
        return tables.filter { table in
            let isBelow = table.references.contains {
                $0.rule == .cascade && names.contains($0.parent)
            }
            if isBelow { names.insert(table.name) }
            return isBelow || table === root
        }
    }
}
