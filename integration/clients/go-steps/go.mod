module odradek.integration/steps

go 1.26.0
