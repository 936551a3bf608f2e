//! `aws_session_token`: AWS session token.
//!
//! **Format.** `IQoJb3JpZ2luX2Vj`, base64 of a field `origin_ec`, or `FwoGZXIvYXdzE` or
//! `FQoGZXIvYXdzE`, of `er/aws`, and 80 or more characters of base64, which a URL may have escaped,
//! and padding. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** trufflehog, `aws/session_keys/sessionkey.go`, for what is in each; kingfisher,
//! `aws.yml`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_session_token",
    name: "AWS session token",
    summary: "AWS session token, by what each begins with, length and alphabet",
    category: Category::Credentials,
    keywords: &["aws", "session"],
    pattern: alone!("(?:IQoJb3JpZ2luX2Vj|F[Qw]oGZXIvYXdzE)[0-9A-Za-z+/%]{80,}={0,2}",),
    match_bytes_max: 2048,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjSPdUJY+MlNNSx3DAUU29NGLyeIJifVil6/BHJbwhmGS3YcTtp4ZdS2b37J+XzP9oKt4lmrzIC6boKVZveZVNQXcLlf/tAExGZKEt353v3SbqSt+vDGueG+/nPZQjn346l2K+wXbzScX4hLXndkyBeLw1kByUsQwHm0Zn43TNrOgfDdHDrXvyOdg3e3hDReVzguj/bHsT==",
            &[
                "IQoJb3JpZ2luX2VjSPdUJY+MlNNSx3DAUU29NGLyeIJifVil6/BHJbwhmGS3YcTtp4ZdS2b37J+XzP9oKt4lmrzIC6boKVZveZVNQXcLlf/tAExGZKEt353v3SbqSt+vDGueG+/nPZQjn346l2K+wXbzScX4hLXndkyBeLw1kByUsQwHm0Zn43TNrOgfDdHDrXvyOdg3e3hDReVzguj/bHsT==",
            ],
        ),
        example(
            "aws_session_token = FwoGZXIvYXdzEPMO3pq4qOSecjJjlCVh8890RyOBitW2QWQPwK5ftD7cCBcUTrTE93ASEBC3DzJap2/YfHN7MDuks1O+4TPLCa52tMA1vOLWHP2RSTo16dbYBpHHysXmGgLJ7kRhSMPn5cShrlgPfj2IouN26+Y+Ye4DkZz27cmZfKDbM1th8eZJewwR/EDeW\n",
            &[
                "FwoGZXIvYXdzEPMO3pq4qOSecjJjlCVh8890RyOBitW2QWQPwK5ftD7cCBcUTrTE93ASEBC3DzJap2/YfHN7MDuks1O+4TPLCa52tMA1vOLWHP2RSTo16dbYBpHHysXmGgLJ7kRhSMPn5cShrlgPfj2IouN26+Y+Ye4DkZz27cmZfKDbM1th8eZJewwR/EDeW",
            ],
        ),
        example(
            "?X-Amz-Security-Token=IQoJb3JpZ2luX2VjsZF79R2j601ktq5ysfAfjHswrk6xW2Lz9abY8zvxHdA5ZaTmcbkUCj3r2onn%2BQZb6HXRBAzeNNE2XInrOcPl4nkWG32DMT02bzUm23TvaoEjZFEVa6gKv4WguF%3D%3D&x=1",
            &[
                "IQoJb3JpZ2luX2VjsZF79R2j601ktq5ysfAfjHswrk6xW2Lz9abY8zvxHdA5ZaTmcbkUCj3r2onn%2BQZb6HXRBAzeNNE2XInrOcPl4nkWG32DMT02bzUm23TvaoEjZFEVa6gKv4WguF%3D%3D",
            ],
        ),
        example("cut short IQoJb3JpZ2luX2VjSPdUJY+MlNNSx3DAUU29NGLyeIJifVil6/BHJbwhmGS3", &[]),
        example(
            "a placeholder IQoJb3JpZ2luX2Vjxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
