# A container with nothing but the static binary:
#   docker build -t cloudjob . && docker run --rm -e OS_TOKEN -e OS_PROJECT_ID -e OS_REGION_NAME cloudjob wait JOB_ID
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked --features cli

FROM scratch
COPY --from=build /src/target/release/cloudjob /cloudjob
# The Mozilla roots are built in, so no certificates are copied.
USER 65534:65534
ENTRYPOINT ["/cloudjob"]
