import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.vcs

version = "2025.03"

project {
    buildType(TestGate)
}

object TestGate : BuildType({
    name = "Test gate"
    artifactRules = "testgate-report => testgate-report"

    vcs {
        root(DslContext.settingsRoot)
    }

    params {
        // Paste what "Generate token for a secure value" in the project's settings returns.
        password("env.TESTGATE_API_KEY", "credentialsJSON:00000000-0000-0000-0000-000000000000")
        // Scripts get the branch only through a parameter.
        param("env.BUILD_BRANCH", "${DslContext.settingsRoot.paramRefs.buildVcsBranch}")
    }

    steps {
        script {
            name = "Run the test plan"
            scriptContent = """
                rm -rf testgate-report # of the last build: the checkout directory is kept
                exec docker run --rm --name testgate-%teamcity.build.id% \
                  -v "%teamcity.build.checkoutDir%:%teamcity.build.checkoutDir%" -w "%teamcity.build.checkoutDir%" \
                  -e TEAMCITY_VERSION -e TEAMCITY_PROJECT_NAME -e TEAMCITY_BUILDCONF_NAME \
                  -e BUILD_NUMBER -e BUILD_URL -e BUILD_VCS_NUMBER -e BUILD_BRANCH \
                  -e TESTGATE_API_KEY -e TESTGATE_TEST_PLAN_ID=274 -e TESTGATE_TIMEOUT=1h \
                  ghcr.io/your-org/testgate:0
            """.trimIndent()
        }
        script {
            name = "Show the test run"
            executionMode = BuildStep.ExecutionMode.RUN_ON_FAILURE
            scriptContent = "printenv TESTGATE_OUT_RUN_URL"
        }
        script {
            // Runs after "Stop" too, and sends SIGTERM to TestGate, which stops the test run. The container may have got
            // one already. A second one would end it immediately, so it is stopped only if it doesn't end by itself.
            name = "Stop the container"
            executionMode = BuildStep.ExecutionMode.ALWAYS
            scriptContent = """
                exec >/dev/null 2>&1
                timeout 8 docker wait testgate-%teamcity.build.id% || docker stop -t 15 testgate-%teamcity.build.id% || true
            """.trimIndent()
        }
    }

    failureConditions {
        executionTimeoutMin = 70 // longer than TESTGATE_TIMEOUT, so that the gate ends first and writes its reports
        testFailure = false // TestGate decides: some failed tests may be within its limits
    }

    triggers {
        vcs {}
    }
})
